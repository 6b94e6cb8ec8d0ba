"""How long a client may keep an idle connection (RFC 7828)."""

from fedresolver.wire.query import Query

_CODE = 11
_LONGEST = 65535
_TENTHS = 10


def keepalive(query: Query, seconds: float) -> bytes:
    """Return the option edns-tcp-keepalive for the response to a query that has one, empty for others.

    `seconds` is how long the connection may be idle; 0 asks the client to end it (RFC 7828 3.3.2). An option with a
    timeout is none that a client may send (3.2.1), and is not acted on.
    """
    if query.edns is None or query.edns.find(_CODE) != b"":
        return b""
    timeout = min(int(seconds * _TENTHS), _LONGEST)
    return b"".join((_CODE.to_bytes(2), b"\0\2", timeout.to_bytes(2)))
