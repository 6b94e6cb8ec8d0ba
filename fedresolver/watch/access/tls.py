"""TLS to an API server, from certificates that may change on the disk."""

import asyncio
import logging
import os
import ssl
from typing import TYPE_CHECKING

from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.material import Material
from fedresolver.watch.access.validity import Validity, of_certificate
from fedresolver.watch.worker import beside

if TYPE_CHECKING:
    from fedresolver.watch.stamp import Stamp

_log = logging.getLogger("fedresolver.federation")


class Tls:
    """The TLS of one member: whom it is trusted by, and the certificate that we show, if any.

    What is on the disk may not fit together for a while, as in the middle of a rotation: then the last that did is good
    until the server refuses it. `validity` is that of the certificate that we show, as it was last read.
    """

    def __init__(self, authority: Material, certificate: Material, key: Material, *, insecure: bool) -> None:
        self._parts = (authority, certificate, key)
        self._insecure = insecure
        self.validity: Validity | None = None
        self._stamps: tuple[Stamp | None, ...] = ()
        self._read: tuple[bytes | None, ...] = ()
        self._context: ssl.SSLContext | None = None
        self._refused = False
        self._complaint = ""
        self._looking = asyncio.Lock()

    async def context(self) -> ssl.SSLContext:
        """Return the context, the same one for as long as the certificates are; AccessError when there is none."""
        async with self._looking:
            stamps = tuple(part.stamp() for part in self._parts)
            if self._context is not None and stamps == self._stamps and not self._refused:
                return self._context
            try:
                self._context = await beside(self._look)
            except AccessError as error:
                if self._context is None or self._refused:
                    raise
                self._complain(str(error))
                return self._context
            self._stamps, self._refused, self._complaint = stamps, False, ""
            return self._context

    def rejected(self) -> None:
        """Look at the certificates anew for the next request, and believe in no earlier ones."""
        self._refused = True

    def showing(self, certificate: bytes, key: bytes) -> "Tls":
        """Return the same with another certificate of ours, in PEM; with none where it is empty."""
        return Tls(self._parts[0], Material(certificate), Material(key), insecure=self._insecure)

    def _look(self) -> ssl.SSLContext:
        """Return the context of what is on the disk now. It waits for the disk."""
        read = authority, certificate, key = tuple(part.read() for part in self._parts)
        if self._context is not None and read == self._read:
            return self._context
        context = trusting(authority)
        if self._insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate is not None and key is not None:
            _show(context, certificate, key)
        self._read = read
        self.validity = None if certificate is None else of_certificate(certificate)
        return context

    def _complain(self, text: str) -> None:
        if text != self._complaint:
            self._complaint = text
            files = ", ".join(part.path for part in self._parts if part.path)
            _log.warning("%s: %s; the certificates that were there before are used", files, text)


def trusting(authority: bytes | None) -> ssl.SSLContext:
    """Return a context that trusts an authority, in PEM, or the system's where it is None; AccessError if it is none.

    As for `kubectl`, an authority may be one that another has signed, and no common name is believed. The strictness of
    Python 3.13 (VERIFY_X509_STRICT), which refuses the authorities of many clusters, is left out. Waits for the disk.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.hostname_checks_common_name = False
    if authority is None:
        context.load_default_certs()
        return context
    try:
        # what stands between certificates is for people, in any language
        context.load_verify_locations(cadata=authority.decode("ascii", "ignore"))
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
