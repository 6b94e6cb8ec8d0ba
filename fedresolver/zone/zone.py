"""A zone as it is searched: every name that exists in it, also those without records, and where it ends."""

import math
from collections.abc import Callable, Iterator, Mapping

import msgspec

from fedresolver.wire.const import Type
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name
from fedresolver.wire.rr import RRset, denial
from fedresolver.zone.contents import Contents
from fedresolver.zone.proofs import Proofs, proofs
from fedresolver.zone.signatures import first_end

Node = Mapping[int, RRset]
"""The RRsets of a name by their types; none where it exists only because a name below it does."""

_NS, _DNAME, _NSEC3 = int(Type.NS), int(Type.DNAME), int(Type.NSEC3)
_OF_HASH = frozenset((_NSEC3, int(Type.RRSIG)))
_NOTHING: Node = {}


class Zone(msgspec.Struct, frozen=True):
    """What `contents` says, ready to be asked.

    `nodes` are the names that exist (RFC 4592 2.2.2), but those below a delegation or a DNAME, which are hidden, and
    those that only carry NSEC3 records (RFC 5155 7.2.8). `cuts` are the names that are delegated. `denial` is the SOA
    as negative answers carry it (RFC 2308 3). `size` is the number of records. `proofs` are those of a signed zone,
    `signed_until` is when the first of its signatures ends, in seconds since the epoch.
    """

    contents: Contents
    nodes: Mapping[bytes, Node]
    cuts: frozenset[bytes]
    denial: tuple[RRset]
    size: int
    proofs: Proofs | None
    signed_until: int | None


def _go_on() -> None:
    """Let nobody else have a turn."""


def zone(contents: Contents, turn: Callable[[], None] = _go_on, most: float = math.inf) -> Zone:
    """Return the zone with these contents; `turn` is called now and then, for a large one takes its time.

    FormatError when it has more than `most` names, those without records among them: one owner may bring a hundred.
    """
    rrsets, apex = contents.rrsets, contents.apex
    cuts = frozenset(owner for owner, types in rrsets.items() if _NS in types and owner != apex)
    ends = cuts | {owner for owner, types in rrsets.items() if _DNAME in types}
    nodes: dict[bytes, Node] = {apex: rrsets[apex]}
    size = 0
    for owner, types in contents.in_turns(turn):
        size += sum(len(rrset.rdatas) for rrset in types.values())
        above = tuple(_above(owner, apex))
        if ends.isdisjoint(above) and not _is_hash(types):
            nodes[owner] = types
            for name in above:
                if name in nodes:
                    break
                nodes[name] = _NOTHING
            if len(nodes) > most:
                raise FormatError(f"more than {most} names, those that only lead to others among them")
    return Zone(contents, nodes, cuts, (denial(contents.soa),), size, proofs(contents, turn), first_end(contents, turn))


def _is_hash(types: Node) -> bool:
    return _NSEC3 in types and types.keys() <= _OF_HASH


def _above(owner: Name, apex: Name) -> Iterator[bytes]:
    """Yield the names between `owner` and `apex`, and `apex`."""
    name: bytes = owner
    while len(name) > len(apex):
        name = name[1 + name[0] :]
        yield name
