"""TLS of one connection, between the octets of its socket and those of its messages; it opens and waits for nothing."""

import ssl


class Seal:
    """The server's side of TLS, from the handshake on.

    What `opened` and `sealed` leave to be sent is in `outgoing`, alerts and handshake too.
    """

    __slots__ = ("_incoming", "_outgoing", "_tls", "is_ended", "is_open")

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.is_open = False
        self.is_ended = False

    def opened(self, octets: bytes) -> bytes:
        """Return what the client has said with these octets; ssl.SSLError when it is no TLS, or not to be believed."""
        self._incoming.write(octets)
        found: list[bytes] = []
        try:
            if not self.is_open:
                self._tls.do_handshake()
                self.is_open = True
            while part := self._tls.read(_PART):
                found.append(part)
            self.is_ended = True
        except ssl.SSLWantReadError:
            pass
        return found[0] if len(found) == 1 else b"".join(found)

    def sealed(self, octets: bytes) -> None:
        """Have these octets sent."""
        rest = memoryview(octets)
        while rest:
            rest = rest[self._tls.write(rest) :]

    def end(self) -> None:
        """Say that nothing more will come (close_notify)."""
        if self.is_open:
            try:
                self._tls.unwrap()
            except ssl.SSLError:
                return  # it has said so already, or waits for the client to say it, which we do not

    @property
    def protocol(self) -> str | None:
        """What was agreed to be spoken (ALPN, RFC 7301); None where the client named nothing."""
        return self._tls.selected_alpn_protocol()

    @property
    def outgoing(self) -> bytes:
        """The octets that are to be sent to the client now."""
        return self._outgoing.read()


_PART = 1 << 14
"""The most that a record of TLS has (RFC 8446 5.1)."""
