"""Cookies that show that a client receives at its address (RFC 7873), made so that all servers agree (RFC 9018).

A client draws eight octets; the server adds sixteen that only it can make for this client, and the client sends both
with its next query. Servers that share a secret accept each other's.
"""

from collections.abc import Sequence
from hmac import compare_digest

from fedresolver.wire.siphash import siphash

COOKIE = 10
"""The code of the EDNS option."""
SECRET = 16
"""The octets of a secret (RFC 9018 4.4)."""
CLIENT = 8
"""The octets that the client draws."""
_LEAST, _MOST = 16, 40
_WHOLE = 24
"""The octets of both parts, as we make them."""
_VERSION_1 = b"\1\0\0\0"
_LIFETIME, _FRESH, _AHEAD = 3600, 1800, 300
"""The seconds that a cookie holds, after which it is renewed, and that a clock may be ahead of ours (RFC 9018 4.3)."""
_HALF, _WRAP = 1 << 31, 1 << 32
_HEAD = 16
"""The octets before the hash."""


def is_malformed(cookie: bytes) -> bool:
    """Say whether a client may not send this: eight octets, or with those of a server 16 to 40 (RFC 7873 5.2.2)."""
    return len(cookie) != CLIENT and not _LEAST <= len(cookie) <= _MOST


def made(client: bytes, address: bytes, secret: bytes, now: int) -> bytes:
    """Return the cookie for a client that has sent the octets `client` from `address`, at `now`, seconds since 1970."""
    head = client + _VERSION_1 + (now % _WRAP).to_bytes(4)
    return head + siphash(secret, head + address)


def age(cookie: bytes, now: int) -> int:
    """Return the seconds since a whole cookie was made, below 0 if that is still to come; it counts modulo 2**32."""
    passed = (now - int.from_bytes(cookie[12:_HEAD])) % _WRAP
    return passed if passed < _HALF else passed - _WRAP


def is_valid(cookie: bytes, address: bytes, secrets: Sequence[bytes], now: int) -> bool:
    """Say whether one who has one of `secrets` has made `cookie` for a client at `address` within the last hour."""
    if len(cookie) != _WHOLE or cookie[CLIENT] != 1 or not -_AHEAD <= age(cookie, now) <= _LIFETIME:
        return False
    head, seal = cookie[:_HEAD], cookie[_HEAD:]
    return any(compare_digest(siphash(secret, head + address), seal) for secret in secrets)


def is_fresh(cookie: bytes, now: int) -> bool:
    """Say whether a valid cookie need not be renewed yet."""
    return age(cookie, now) <= _FRESH
