"""TLS to an API server, from certificates that may change on the disk."""

import os
import ssl

from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.material import Material, Stamp


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

    def showing(self, certificate: bytes, key: bytes) -> "Tls":
        """Return the same with another certificate of ours, in PEM; with none where it is empty."""
        return Tls(self._parts[0], Material(certificate), Material(key), insecure=self._insecure)

    def _made(self) -> ssl.SSLContext:
        authority, certificate, key = self._parts
        context = trusting(authority)
        if self._insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate:
            _show(context, certificate.read(), key.read())
        return context


def trusting(authority: Material) -> ssl.SSLContext:
    """Return a context that trusts an authority, in PEM, or the system's where it is empty; AccessError if it is none.

    As for `kubectl`, an authority may be one that another has signed. The strictness of Python 3.13
    (VERIFY_X509_STRICT), which refuses the authorities of many clusters, is left out.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if not authority:
        context.load_default_certs()
        return context
    try:
        # what stands between certificates is for people, in any language
        context.load_verify_locations(cadata=authority.read().decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError) as error:
        raise AccessError(f"the certificate authority cannot be used: {_reason(error)}; PEM is expected") from error
    return context


def _show(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Have a context show a certificate; OpenSSL wants a file, and a key must not come to a disk."""
    file = os.memfd_create("fedresolver", os.MFD_CLOEXEC)
    try:
        with open(file, "wb", closefd=False) as memory:
            memory.write(certificate + b"\n" + key)
        # without a password OpenSSL would ask for one at the terminal, and wait
        context.load_cert_chain(f"/proc/self/fd/{file}", password="")
    except (ssl.SSLError, ValueError) as error:
        wrong = f"the client certificate and its key cannot be used: {_reason(error)}"
        raise AccessError(f"{wrong}; PEM is expected, without a password") from error
    finally:
        os.close(file)


def _reason(error: Exception) -> str:
    return getattr(error, "reason", None) or type(error).__name__
