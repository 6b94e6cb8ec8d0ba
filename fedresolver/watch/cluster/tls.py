"""TLS to an API server, from certificates that may change on the disk."""

import os
import ssl

from fedresolver.watch.cluster.access import AccessError
from fedresolver.watch.cluster.material import Material, Stamp


class Tls:
    """The TLS of one member: whom it is trusted by, and the certificate that we show, if any."""

    def __init__(self, authority: Material, certificate: Material, key: Material, *, insecure: bool) -> None:
        self._parts = (authority, certificate, key)
        self._insecure = insecure
        self._stamps: tuple[Stamp, ...] = ()
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext:
        """Return the context, the same one for as long as the files are; AccessError when it cannot be made."""
        stamps = tuple(part.stamp() for part in self._parts)
        if self._context is None or stamps != self._stamps:
            self._context, self._stamps = self._made(), stamps
        return self._context

    def showing(self, certificate: Material, key: Material) -> "Tls":
        """Return the same with another certificate of ours."""
        return Tls(self._parts[0], certificate, key, insecure=self._insecure)

    def _made(self) -> ssl.SSLContext:
        authority, certificate, key = self._parts
        try:
            context = ssl.create_default_context(cadata=authority.read().decode("ascii") if authority else None)
            if self._insecure:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            if certificate:
                _show(context, certificate.read(), key.read())
        except (ssl.SSLError, ValueError) as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            raise AccessError(f"the certificates cannot be used: {reason}; PEM is expected") from error
        return context


def _show(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Have a context show a certificate; OpenSSL wants a file, and a key must not come to a disk."""
    file = os.memfd_create("fedresolver", os.MFD_CLOEXEC)
    try:
        with open(file, "wb", closefd=False) as memory:
            memory.write(certificate + b"\n" + key)
        context.load_cert_chain(f"/proc/self/fd/{file}")
    finally:
        os.close(file)
