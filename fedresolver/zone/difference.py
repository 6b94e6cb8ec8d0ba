"""What went and what came from one version of a zone to the next (RFC 1995 4)."""

from collections.abc import Generator, Iterable, Mapping

import msgspec

from fedresolver.wire.const import Type
from fedresolver.wire.rr import RRset
from fedresolver.zone.contents import Contents

PORTION = 500
"""How many owners are compared at a time: a fraction of a millisecond's work."""
FIXED = 10
"""Octets of a record beside its owner and data (RFC 1035 3.2.1)."""
_NOTHING: Mapping[int, RRset] = {}


class Difference(msgspec.Struct, frozen=True):
    """One step of a zone's history (RFC 1995 4): the SOA before and what went, the SOA after and what came.

    The SOAs are in neither of the two lists.
    """

    before: RRset
    removed: tuple[RRset, ...]
    after: RRset
    added: tuple[RRset, ...]

    @property
    def octets(self) -> int:
        """How long it is, about."""
        return sum(map(size, (self.before, self.after, *self.removed, *self.added)))


Change = tuple[list[RRset], list[RRset]]
"""What went, and what came."""


def size(rrset: RRset) -> int:
    """Return how many octets the records of `rrset` take without compression."""
    return len(rrset.rdatas) * (len(rrset.owner) + FIXED) + sum(map(len, rrset.rdatas))


def difference(before: Contents, after: Contents) -> Difference:
    """Return what has changed between two versions of a zone."""
    work = in_portions(before, after)
    while True:
        try:
            next(work)
        except StopIteration as done:
            found: Difference = done.value
            return found


def in_portions(before: Contents, after: Contents) -> Generator[None, None, Difference]:
    """Return what has changed between two versions of a zone; yields whenever others should have a turn."""
    change: Change = ([], [])
    compared = 0
    for owner, types in after.rrsets.items():
        former = before.rrsets.get(owner, _NOTHING)
        if former is not types:
            compare(former, types, change)
        compared += 1
        if compared % PORTION == 0:
            yield
    for owner, types in before.rrsets.items():
        if owner not in after.rrsets:
            compare(types, _NOTHING, change)
        compared += 1
        if compared % PORTION == 0:
            yield
    removed, added = change
    return Difference(before.soa, tuple(removed), after.soa, tuple(added))


def compare(former: Mapping[int, RRset], now: Mapping[int, RRset], change: Change) -> None:
    """Add to `change` what went and came at one owner; the SOA is left out."""
    removed, added = change
    for rtype in former.keys() | now.keys():
        old, new = former.get(rtype), now.get(rtype)
        if old == new or rtype == Type.SOA:
            continue
        if old is None or new is None or _is_other(old, new):
            removed += () if old is None else (old,)
            added += () if new is None else (new,)
            continue
        removed += _without(old, new.rdatas)
        added += _without(new, old.rdatas)


def _is_other(old: RRset, new: RRset) -> bool:
    """Say whether none of the records is the same; the TTL of a signature is in its data (RFC 4034 3)."""
    return old.owner != new.owner or (old.ttl != new.ttl and old.rtype != Type.RRSIG)


def _without(rrset: RRset, rdatas: Iterable[bytes]) -> tuple[RRset, ...]:
    """Return `rrset` without some of its data, nothing if that was all."""
    others = frozenset(rdatas)
    rest = tuple(rdata for rdata in rrset.rdatas if rdata not in others)
    return (RRset(rrset.owner, rrset.rtype, rrset.ttl, rest),) if rest else ()
