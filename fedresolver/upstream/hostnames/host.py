"""A host name that is kept resolved: what was asked for it, and what is known by that."""

import asyncio

import msgspec

from fedresolver.model.event import Resolved
from fedresolver.upstream.hostnames.found import Found
from fedresolver.wire.const import Type
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import from_text
from fedresolver.wire.query import Query, question

SHORTEST_SECONDS = 5.0
"""Between two questions for the same name and family, whatever its TTL."""
LONGEST_BACK_OFF = 60.0
_EARLY = 0.8
_SPREAD = 0.25


class Lookup(msgspec.Struct, eq=False):
    """One family of a host name: `found` is the last good result, None as long as there was none.

    `failures` counts those in a row; `tried` is whether any try has ended.
    """

    hostname: str
    query: Query
    found: Found | None = None
    failures: int = 0
    tried: bool = False
    timer: asyncio.TimerHandle | None = None

    def take(self, found: Found | None) -> None:
        """Take in how a try has ended, with None when it failed: then the last good result stays."""
        self.tried = True
        self.failures = 0 if found is not None else self.failures + 1
        self.found = self.found if found is None else found

    def pause(self, chance: float) -> float:
        """Return the seconds until the next try: before the result ends, or after a failure more and more of them.

        `chance`, in [0, 1), spreads out those that failed together.
        """
        if self.found is not None and not self.failures:
            return max(SHORTEST_SECONDS, self.found.ttl * _EARLY)
        longer = min(LONGEST_BACK_OFF, SHORTEST_SECONDS * 2.0 ** min(self.failures - 1, 16))
        return longer * (1 + chance * _SPREAD)


class Host(msgspec.Struct, eq=False):
    """A host name, its families, and for how many it is wanted; `owner` is one of those.

    `told` is the last word on where it leads to; `first` is done when each family was tried. One that is no DNS name
    has no families.
    """

    owner: str
    lookups: tuple[Lookup, ...]
    first: asyncio.Future[None]
    wanted: int = 1
    told: Resolved | None = None

    @property
    def tried(self) -> bool:
        """Whether each family was tried."""
        return all(lookup.tried for lookup in self.lookups)

    def news(self) -> Resolved | None:
        """Return where the name leads to, if that is known and not told yet.

        The first time both families are waited for, and without an address both must have said so.
        """
        good = [lookup.found for lookup in self.lookups if lookup.found is not None]
        addresses = tuple(address for found in good for address in found.addresses)
        if self.told is None and not (self.tried and (addresses or len(good) == len(self.lookups))):
            return None
        ttl = min((found.ttl for found in good if found.addresses), default=0)
        now = Resolved(self.lookups[0].hostname, addresses, ttl)
        return None if now == self.told else now


def lookups_of(hostname: str) -> tuple[Lookup, ...]:
    """Return what is to be asked for a host name; nothing where it is no DNS name."""
    try:
        name = from_text(hostname)
    except FormatError:
        return ()
    return tuple(Lookup(hostname, question(name, rtype)) for rtype in (Type.A, Type.AAAA))
