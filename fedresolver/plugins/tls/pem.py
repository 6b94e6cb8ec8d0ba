"""A certificate and its key in PEM, as they were in their files at one moment, and what speaks TLS with them."""

import os
import ssl
from enum import Enum
from typing import NamedTuple

from fedresolver.config.errors import shown
from fedresolver.watch.octets import octets

LARGEST = 1 << 20
"""Octets of a file with certificates or a key."""
_TICKETS = 1
"""Session tickets for a client of TLS 1.3: it connects seldom, and never twice at once."""


class PemError(Exception):
    """A file cannot be used; the text says which, why, and what would be right, as `wrong; right`."""


class Clients(Enum):
    """What is demanded of clients: whether they must show a certificate, which is verified when they do."""

    NOT_ASKED = ssl.CERT_NONE
    VERIFIED_IF_GIVEN = ssl.CERT_OPTIONAL
    VERIFIED = ssl.CERT_REQUIRED


class Paths(NamedTuple):
    """The files of a certificate and its chain, of its key, and of the authorities of clients (empty: the system's)."""

    cert: str
    key: str
    ca: str = ""


class Pem(NamedTuple):
    """What was in these files; `ca` is None where the system's authorities are meant."""

    cert: bytes
    key: bytes
    ca: bytes | None = None


def read(paths: Paths) -> Pem:
    """Return what is in the files; PemError when one cannot be read, or is of another kind. Waits for the disk."""
    cert = _part(paths.cert, b"CERTIFICATE-----", "certificate")
    key = _part(paths.key, b"PRIVATE KEY-----", "private key")
    return Pem(cert, key, _part(paths.ca, b"CERTIFICATE-----", "certificate") if paths.ca else None)


def _part(path: str, mark: bytes, kind: str) -> bytes:
    try:
        found = octets(path, LARGEST + 1)
    except OSError as error:
        raise PemError(f"cannot read {_name(path)}: {error.strerror}") from error
    if len(found) > LARGEST:
        raise PemError(f"{_name(path)} is longer than {LARGEST >> 20} MiB")
    if mark not in found:
        begins = f"-----BEGIN {mark.decode()}"
        raise PemError(f"{_name(path)} has no {kind} in PEM; it should have the line `{begins}`")
    if mark == b"PRIVATE KEY-----" and b"ENCRYPTED" in found:
        raise PemError(f"the key in {_name(path)} has a password; `openssl pkey -in FILE -out FILE` takes it away")
    return found


def context(pem: Pem, paths: Paths, clients: Clients, protocols: tuple[str, ...]) -> ssl.SSLContext:
    """Return what speaks TLS 1.2 or later with clients, and takes one of `protocols` if they offer it (RFC 7301).

    PemError when certificate and key do not belong together, or one is damaged.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    made.num_tickets = _TICKETS
    made.set_alpn_protocols(list(protocols))
    _show(made, pem, paths)
    if clients is not Clients.NOT_ASKED:
        _trust(made, pem.ca, paths.ca)
        made.verify_mode = ssl.VerifyMode(clients.value)
    return made


def _show(made: ssl.SSLContext, pem: Pem, paths: Paths) -> None:
    """Have a context show a certificate; OpenSSL wants files, and those on the disk may be others by now."""
    files = [os.memfd_create("fedresolver", os.MFD_CLOEXEC) for _ in range(2)]
    try:
        for file, content in zip(files, (pem.cert, pem.key), strict=True):
            with open(file, "wb", closefd=False) as memory:
                memory.write(content)
        cert, key = (f"/proc/self/fd/{file}" for file in files)
        made.load_cert_chain(cert, key, password="")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise PemError(_unfit(paths, _reason(error))) from error
    finally:
        for file in files:
            os.close(file)


def _trust(made: ssl.SSLContext, authorities: bytes | None, path: str) -> None:
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an authority may be one that another has signed
    if authorities is None:
        made.load_default_certs(ssl.Purpose.CLIENT_AUTH)
        return
    try:
        # what stands between certificates is for people, in any language
        made.load_verify_locations(cadata=authorities.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError) as error:
        raise PemError(f"{_name(path)} cannot be used as a certificate authority: {_reason(error)}") from error


def _unfit(paths: Paths, reason: str) -> str:
    cert, key = map(_name, paths[:2])
    if reason == "KEY_VALUES_MISMATCH":
        return f"the key in {key} is not that of the certificate in {cert}; name a pair"
    return (
        f"{cert} and {key} cannot be used as a certificate and its key: {reason}; "
        "`openssl x509 -in FILE -text` and `openssl pkey -in FILE -check` say which is damaged"
    )


def _reason(error: Exception) -> str:
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)


def _name(path: str) -> str:
    """Return the whole path, for at its end is what the file is called."""
    return f"`{path}`" if path.isprintable() else shown(path)
