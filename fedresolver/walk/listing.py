"""All public records of a Service: what each of its names would be answered with now.

Every record is an answer of the walk, so a zone that is transferred cannot say anything else than who asks is told.
"""

from collections.abc import Iterable, Iterator

import msgspec

from fedresolver.model.place import Place
from fedresolver.model.service import ServiceKey, label
from fedresolver.model.view import View
from fedresolver.walk.answer import Answer, Question, answer
from fedresolver.walk.federation import Federation
from fedresolver.walk.level import EVERYWHERE, Level
from fedresolver.walk.outcome import NotReady, Unknown, Walk
from fedresolver.walk.qname import OfService
from fedresolver.walk.walk import walk_from
from fedresolver.wire.const import Type
from fedresolver.wire.name import MAX_NAME, Name
from fedresolver.wire.rr import RRset

_BEFORE_TARGET = 6
"""The octets of an SRV record's data before the target (RFC 2782)."""


class Listed(msgspec.Struct, frozen=True, gc=False):
    """What a name has; `unresolved` is whether that is not known yet, for want of what host names lead to."""

    owner: Name
    rrsets: tuple[RRset, ...]
    unresolved: bool = False


def levels(places: Iterable[Place]) -> tuple[Level, ...]:
    """Return every level that has a name, the short form of topology zones among them, the widest first."""
    every = sorted(places)
    regions = dict.fromkeys(Level(place.region) for place in every)
    zoned = [place for place in every if place.topology_zone]
    short = dict.fromkeys(Level("", place.topology_zone) for place in zoned)
    long = dict.fromkeys(Level(place.region, place.topology_zone) for place in zoned)
    names = {level.region for level in regions}
    return (EVERYWHERE, *regions, *long, *(level for level in short if level.topology_zone not in names))


def listing(key: ServiceKey, level: Level, federation: Federation, view: View) -> Iterator[Listed]:
    """Yield what the names of a Service at a level have: its own, and one for each port that any shard names.

    Nothing where that is not ready to be known. Names of more than 255 octets, which nobody can ask for, are left out.
    """
    walk = walk_from(level, key, view)
    if isinstance(walk.outcome, NotReady | Unknown):
        return
    ports = dict.fromkeys((port.name, port.protocol) for shard in view.shards(key) for port in shard.ports)
    for name, protocol in (("", ""), *((name, protocol) for name, protocol in ports if name)):
        before = label(f"_{name}") + label(f"_{protocol}") if name else b""
        owner = federation.public_name(key, level, before)
        if len(owner) <= MAX_NAME:
            asked = OfService(key, before, port=name, protocol=protocol)
            yield _listed(owner, asked, level, walk, (federation, view))


def _listed(owner: Name, asked: OfService, level: Level, walk: Walk, where: tuple[Federation, View]) -> Listed:
    federation, view = where

    def of(qtype: Type) -> Answer:
        question = Question(
            qname=owner,
            qtype=qtype,
            zone=federation.domain,
            base=federation.inside,
            asked=asked,
            federation=federation,
            view=view,
        )
        return answer(question, walk, level)

    alias = of(Type.CNAME).answer if walk.passed else ()
    if alias:
        return Listed(owner, alias)
    found = [of(qtype) for qtype in ((Type.SRV,) if asked.port else (Type.A, Type.AAAA))]
    rrsets = tuple(rrset for one in found for rrset in one.answer if _is_sound(rrset))
    return Listed(owner, rrsets, any(one.unresolved for one in found))


def _is_sound(rrset: RRset) -> bool:
    """Say whether no target of a service is too long a name: it may have more labels than the owner."""
    return rrset.rtype != Type.SRV or all(len(rdata) <= _BEFORE_TARGET + MAX_NAME for rdata in rrset.rdatas)
