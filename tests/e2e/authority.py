"""Keys and certificates, made with openssl: one authority signs the servers and the clients of all members."""

import subprocess
from pathlib import Path

_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Authority:
    """Makes files in `folder`; its own certificate is `path`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = folder / "authority.key"
        self.path = folder / "authority.crt"
        _openssl("req", "-x509", "-days", "2", *_CURVE, "-subj", "/CN=test", *self._out(self._key, self.path))

    def server(self, name: str, address: str) -> tuple[Path, Path]:
        """Return certificate and key of a server at an IP address, or with a name."""
        kind = "IP" if address.replace(".", "").isdigit() or ":" in address else "DNS"
        return self._signed(name, f"/CN={name}", f"subjectAltName={kind}:{address}")

    def expired(self, name: str, address: str) -> tuple[Path, Path]:
        """Return certificate and key of a server at an IP address; the certificate has been of no use since yesterday."""
        request, certificate, key = (self._folder / f"{name}.{end}" for end in ("csr", "crt", "key"))
        _openssl(
            "req", *_CURVE, "-subj", f"/CN={name}", "-addext", f"subjectAltName=IP:{address}", *self._out(key, request)
        )
        signer = ("-CA", str(self.path), "-CAkey", str(self._key), "-CAcreateserial", "-copy_extensions", "copy")
        _openssl("x509", "-req", "-days", "-1", *signer, "-in", str(request), "-out", str(certificate))
        return certificate, key

    def client(self, name: str, user: str) -> tuple[Path, Path]:
        """Return certificate and key of a Kubernetes user, whose name is the subject's CN."""
        return self._signed(name, f"/CN={user}", "extendedKeyUsage=clientAuth")

    def keys(self, name: str) -> tuple[Path, Path]:
        """Return public and private key of a signer of tokens."""
        public, private = self._folder / f"{name}.pub", self._folder / f"{name}.key"
        _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(private))
        _openssl("ec", "-in", str(private), "-pubout", "-out", str(public))
        return public, private

    def _signed(self, name: str, subject: str, extension: str) -> tuple[Path, Path]:
        certificate, key = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        signer = ("-CA", str(self.path), "-CAkey", str(self._key))
        more = ("-subj", subject, "-addext", extension, "-addext", "basicConstraints=CA:FALSE")
        _openssl("req", "-x509", "-days", "2", *_CURVE, *signer, *more, *self._out(key, certificate))
        return certificate, key

    @staticmethod
    def _out(key: Path, certificate: Path) -> tuple[str, ...]:
        return ("-keyout", str(key), "-out", str(certificate))


def _openssl(*words: str) -> None:
    done = subprocess.run(("openssl", *words), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
