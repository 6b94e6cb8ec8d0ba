"""The names that a hosts file has, and the records of each."""

from bisect import bisect_left
from collections.abc import Iterable

import msgspec

from fedresolver.chain.handler import Cell
from fedresolver.plugins.hosts.authority import REVERSE
from fedresolver.plugins.hosts.text import Entry
from fedresolver.wire.const import Type
from fedresolver.wire.name import ROOT, Name, labels, parents, prefix
from fedresolver.wire.rr import RRset, addresses

MOST = 100
"""Addresses of a name, and names of an address, that are told: blocklists give one address to all that they block."""
_IN_ADDR, _IP6 = REVERSE


class Table(msgspec.Struct, frozen=True):
    """Records by owner; `order` are the owners from the root down, so that those below a name stand together.

    `cell` is what all answers from here depend on.
    """

    records: dict[Name, tuple[RRset, ...]]
    order: tuple[bytes, ...]
    cell: Cell

    @property
    def size(self) -> int:
        """How many records there are."""
        return sum(len(rrset.rdatas) for rrsets in self.records.values() for rrset in rrsets)

    def has_below(self, name: Name) -> bool:
        """Say whether there is a name below `name`: then that exists too, without records (RFC 4592 2.2.2)."""
        top = _from_the_root(name)
        place = bisect_left(self.order, top + b"\1")
        return place < len(self.order) and self.order[place].startswith(top)


def table(entries: Iterable[Entry], zones: frozenset[Name], ttl: int, *, reverse: bool) -> Table:
    """Return the table of those names of `entries` that are in `zones`, and unless not `reverse` of their addresses."""
    forward: dict[Name, list[bytes]] = {}
    backward: dict[bytes, list[Name]] = {}
    for entry in entries:
        for name in entry.names:
            if ROOT in zones or not zones.isdisjoint(parents(name)):
                _add(forward.setdefault(name, []), entry.address)
                _add(backward.setdefault(entry.address, []), name)
    records = {name: addresses(name, ttl, tuple(packed)) for name, packed in forward.items()}
    if reverse:
        for packed, names in backward.items():
            owner = reverse_name(packed)
            records[owner] = (*records.get(owner, ()), RRset(owner, Type.PTR, ttl, tuple(names)))
    return Table(records, tuple(sorted(map(_from_the_root, records))), [True])


def _add(items: list[bytes] | list[Name], item: bytes) -> None:
    if len(items) < MOST and item not in items:
        items.append(Name(item))


def _from_the_root(name: Name) -> bytes:
    return prefix(labels(name)[::-1])


def reverse_name(packed: bytes) -> Name:
    """Return the name below in-addr.arpa or ip6.arpa of an address (RFC 1035 3.5, RFC 3596 2.5)."""
    parts = packed.hex() if len(packed) == 16 else map(str, packed)
    tree = _IP6 if len(packed) == 16 else _IN_ADDR
    return Name(prefix(tuple(part.encode() for part in parts)[::-1]) + tree)
