"""What becomes of the cookie of a query: whether it is one of ours, and which one goes back."""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache

from fedresolver.chain.handler import Client, Reply
from fedresolver.chain.handler import Verdict as Sending
from fedresolver.server.packed import packed
from fedresolver.wire.const import Rcode
from fedresolver.wire.cookie import CLIENT, COOKIE, is_fresh, is_malformed, is_valid, made
from fedresolver.wire.query import Query

_MOST_CLIENTS = 4096


class Kind(Enum):
    """What a query has for a cookie; FIRST is that of a client alone, FOREIGN one that we would not have made."""

    ABSENT = "absent"
    MALFORMED = "malformed"
    FIRST = "first"
    FOREIGN = "foreign"
    VALID = "valid"


MALFORMED = Reply(rcode=Rcode.FORMERR, authoritative=False)
HERE_IT_IS = Reply(rcode=Rcode.NOERROR, authoritative=False)
BAD_COOKIE = Reply(rcode=Rcode.BADCOOKIE, authoritative=False)
OVER_TCP = Reply(authoritative=False, verdict=Sending.SLIP)


class Jar:
    """The cookies of a server block. `secrets` are those that hold now, the one to make cookies with first.

    `wall` is in seconds since the epoch; `required` is whether nothing is answered over UDP to who has none. `counts`
    says how many queries of each kind came.
    """

    def __init__(
        self, secrets: Callable[[], tuple[bytes, ...]], wall: Callable[[], float], *, required: bool = False
    ) -> None:
        self._secrets = secrets
        self._wall = wall
        self._required = required
        self._last: tuple[Query | None, Kind] = None, Kind.ABSENT
        self._address = lru_cache(maxsize=_MOST_CLIENTS)(packed)
        self.counts = dict.fromkeys(Kind, 0)

    def gate(self, query: Query, client: Client) -> Reply | None:
        """Answer what is malformed, what wants nothing but a cookie, and where one is required, who has none."""
        kind = self._kind(query, client)
        if kind is Kind.MALFORMED:
            return MALFORMED
        if not query.question:
            return None if kind is Kind.ABSENT else HERE_IT_IS
        if not self._required or kind is Kind.VALID or client.transport != "udp":
            return None
        return OVER_TCP if kind is Kind.ABSENT else BAD_COOKIE

    def options(self, query: Query, client: Client) -> bytes:
        """Return the cookie that goes back: that which came while it is fresh, otherwise a new one."""
        kind = self._kind(query, client)
        if query.edns is None or kind in (Kind.ABSENT, Kind.MALFORMED):
            return b""
        cookie, now = query.edns.find(COOKIE) or b"", int(self._wall())
        if kind is not Kind.VALID or not is_fresh(cookie, now):
            cookie = made(cookie[:CLIENT], self._address(client.address), self._secrets()[0], now)
        return COOKIE.to_bytes(2) + len(cookie).to_bytes(2) + cookie

    def proves(self, query: Query, client: Client) -> bool:
        """Say whether the client has sent a cookie of ours, so that it is where it says."""
        return self._kind(query, client) is Kind.VALID

    def _kind(self, query: Query, client: Client) -> Kind:
        """Return the kind of a query, which several ask for, one after the other."""
        if self._last[0] is not query:
            kind = self._found(query, client)
            self.counts[kind] += 1
            self._last = query, kind
        return self._last[1]

    def _found(self, query: Query, client: Client) -> Kind:
        cookie = None if query.edns is None else query.edns.find(COOKIE)
        if cookie is None:
            return Kind.ABSENT
        if is_malformed(cookie):
            return Kind.MALFORMED
        if len(cookie) == CLIENT:
            return Kind.FIRST
        valid = is_valid(cookie, self._address(client.address), self._secrets(), int(self._wall()))
        return Kind.VALID if valid else Kind.FOREIGN
