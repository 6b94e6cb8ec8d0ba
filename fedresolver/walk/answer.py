"""An outcome as DNS: the records, the response code, whose SOA goes with it."""

from ipaddress import IPv6Address

import msgspec

from fedresolver.model.objects import Port
from fedresolver.model.place import Place
from fedresolver.model.shard import Balancer, Shard, Target
from fedresolver.model.view import View
from fedresolver.walk.federation import Federation
from fedresolver.walk.level import EVERYWHERE, Level, level_of
from fedresolver.walk.outcome import Hit, Local, NotReady, Nowhere, Unknown, Walk
from fedresolver.walk.qname import OfService
from fedresolver.walk.walk import walk_from
from fedresolver.wire.const import ADDRESS_TYPES, Rcode, Type
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name, from_text, prefix
from fedresolver.wire.rr import RRset, addresses, cname, srv_rdata

_OF_ADDRESSES = ADDRESS_TYPES | {Type.ANY}


class Answer(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The records of an answer, in order.

    `negative` is the zone whose SOA belongs into the authority section, of an answer that ends in no data. `target` is
    where a chain goes on that leaves the federation's own walk. `unresolved` are the host names of load balancers for
    want of which there is no answer; `resolved` is whether addresses are in it that host names have led to.
    """

    rcode: Rcode = Rcode.NOERROR
    answer: tuple[RRset, ...] = ()
    additional: tuple[RRset, ...] = ()
    negative: Name | None = None
    target: Name | None = None
    unresolved: tuple[str, ...] = ()
    resolved: bool = False


class Question(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What is asked of a federation: a name of the shape `asked` in `zone`, a type, the view it is answered from.

    `base` is what follows a Service's key in the names of the local member.
    """

    qname: Name
    qtype: int
    zone: Name
    base: Name
    asked: OfService
    federation: Federation
    view: View


def answer(question: Question, walk: Walk, start: Level | None) -> Answer:
    """Return the answer to `question` that `walk` ends in; `start` is the level that was asked, None inside."""
    match walk.outcome:
        case NotReady():
            return Answer(rcode=Rcode.SERVFAIL)
        case Unknown():
            return Answer(rcode=Rcode.NXDOMAIN, negative=question.zone)
        case Local(shard=shard):
            return of_local_shard(question, shard)
        case Hit() | Nowhere():
            return _of_walk(question, walk, start)


def _of_walk(question: Question, walk: Walk, start: Level | None) -> Answer:
    asked = question.asked
    if asked.protocol and not asked.port:
        return Answer(negative=question.zone)
    if asked.endpoint:
        return Answer(rcode=Rcode.NXDOMAIN, negative=question.zone)
    chain, end = _chain(question, walk, start)
    if chain and question.qtype in (Type.CNAME, Type.ANY):
        return Answer(answer=chain[:1])
    zone = question.federation.domain if chain else question.zone
    hit = walk.outcome
    found = _at_level(question, hit, end) if isinstance(hit, Hit) else Answer(rcode=Rcode.NXDOMAIN)
    if found.unresolved:
        return found
    silent = not found.answer or found.rcode is not Rcode.NOERROR
    return msgspec.structs.replace(found, answer=(*chain, *found.answer), negative=zone if silent else None)


def _chain(question: Question, walk: Walk, start: Level | None) -> tuple[tuple[RRset, ...], Name]:
    """Return the CNAMEs from the question to the level that ended the walk, and that level's name."""
    federation, asked = question.federation, question.asked
    levels = [*walk.passed, walk.outcome.level] if isinstance(walk.outcome, Hit) else list(walk.passed)
    ttl = federation.ttl
    if start is None:
        ttl = federation.local_ttl
    else:
        levels = levels[1:]
    owner, chain = question.qname, []
    for level in levels:
        target = federation.public_name(asked.key, level, asked.prefix)
        chain.append(cname(owner, ttl, target))
        owner, ttl = target, federation.ttl
    return tuple(chain), owner


def _at_level(question: Question, hit: Hit, owner: Name) -> Answer:
    if question.asked.port:
        return _services_at_level(question, hit, owner)
    if question.qtype not in _OF_ADDRESSES:
        return Answer()
    balancers = tuple(shard.balancer for shard in hit.shards)
    sets = _load_balancers(owner, question.federation, balancers)
    if not sets:
        names = dict.fromkeys(name for balancer in balancers for name in balancer.unresolved)
        return Answer(rcode=Rcode.SERVFAIL, unresolved=tuple(names))
    resolved = any(balancer.resolved for balancer in balancers)
    return Answer(answer=_asked_for(question.qtype, sets), resolved=resolved)


def _services_at_level(question: Question, hit: Hit, owner: Name) -> Answer:
    federation, asked, members = question.federation, question.asked, question.view.members
    found: dict[tuple[Level, int], None] = {}
    for shard in hit.shards:
        for port in _named(shard.ports, asked):
            found[_first_level(members[shard.member].places), port.number] = None
    if not found:
        return Answer(rcode=Rcode.NXDOMAIN)
    if question.qtype not in (Type.SRV, Type.ANY):
        return Answer()
    names = {level: federation.public_name(asked.key, level) for level, _ in found}
    records = tuple((port, names[level]) for level, port in found)
    extra: list[RRset] = []
    for level, name in names.items():
        # A shard may be known by a topology zone outside of this level: what is said of that must be all of it.
        there = walk_from(level, asked.key, question.view).outcome
        if isinstance(there, Hit):
            balancers = tuple(shard.balancer for shard in there.shards)
            extra += _load_balancers(name, federation, balancers)
    return Answer(answer=(_services(owner, federation.ttl, records),), additional=tuple(extra))


def _first_level(places: tuple[Place, ...]) -> Level:
    """Return the level by which a shard is named: its member's first topology zone, else its region, else all."""
    zoned = [place for place in places if place.topology_zone]
    return level_of((zoned or list(places))[0]) if places else EVERYWHERE


def of_local_shard(question: Question, shard: Shard) -> Answer:
    """Return what a Service of the local member answers, as the Kubernetes DNS specification has it."""
    asked, qname, ttl = question.asked, question.qname, question.federation.local_ttl
    if asked.port:
        return _local_services(question, shard)
    if asked.protocol:
        return Answer(negative=question.zone)
    if asked.endpoint:
        return _local_endpoint(question, shard)
    if shard.external_name:
        return _to_name(qname, ttl, shard.external_name, question.qtype)
    if shard.headless and not shard.targets:
        return Answer(rcode=Rcode.NXDOMAIN, negative=question.zone)
    return _positive(question, addresses(qname, ttl, tuple(dict.fromkeys(shard.inside))))


def _local_endpoint(question: Question, shard: Shard) -> Answer:
    name = question.asked.endpoint
    packed = [address for target in shard.targets for address, called in _endpoint_names(target) if called == name]
    if not packed:
        return Answer(rcode=Rcode.NXDOMAIN, negative=question.zone)
    sets = addresses(question.qname, question.federation.local_ttl, tuple(dict.fromkeys(packed)))
    return _positive(question, sets)


def _local_services(question: Question, shard: Shard) -> Answer:
    federation, asked = question.federation, question.asked
    owner, ttl = Name(asked.key + question.base), federation.local_ttl
    records: dict[tuple[int, Name], None] = {}
    extra: dict[Name, tuple[bytes, ...]] = {}
    if shard.headless:
        for target in shard.targets:
            for port in _named(target.ports or shard.ports, asked):
                for address, called in _endpoint_names(target):
                    name = Name(prefix((called.encode(),)) + owner)
                    records[port.number, name] = None
                    extra[name] = (*extra.get(name, ()), address)
    else:
        for port in _named(shard.ports, asked):
            records[port.number, owner] = None
            extra[owner] = shard.cluster_ips
    if not records:
        return Answer(rcode=Rcode.NXDOMAIN, negative=question.zone)
    if question.qtype not in (Type.SRV, Type.ANY):
        return Answer(negative=question.zone)
    more = tuple(rrset for name, packed in extra.items() for rrset in addresses(name, ttl, packed))
    return Answer(answer=(_services(question.qname, ttl, tuple(records)),), additional=more)


def _endpoint_names(target: Target) -> tuple[tuple[bytes, str], ...]:
    """Return each address of an endpoint with the label it is named by: its hostname, else itself with dashes."""
    return tuple((address, target.hostname or _dashed(address)) for address in target.addresses)


def _dashed(packed: bytes) -> str:
    if len(packed) == 4:
        return "-".join(str(octet) for octet in packed)
    return str(IPv6Address(packed)).replace(":", "-")


def _named(ports: tuple[Port, ...], asked: OfService) -> tuple[Port, ...]:
    return tuple(port for port in ports if port.name == asked.port and port.protocol == asked.protocol)


def _services(owner: Name, ttl: int, records: tuple[tuple[int, Name], ...]) -> RRset:
    weight = max(1, 100 // len(records))
    return RRset(owner, Type.SRV, ttl, tuple(srv_rdata(weight, port, target) for port, target in records))


def _load_balancers(owner: Name, federation: Federation, balancers: tuple[Balancer, ...]) -> tuple[RRset, ...]:
    """Return the addresses of load balancers as one set, which is good for as long as each of them is."""
    packed = dict.fromkeys(address for balancer in balancers for address in balancer.addresses)
    ttl = min(federation.ttl, *(balancer.ttl for balancer in balancers))
    return addresses(owner, ttl, tuple(packed))


def _to_name(owner: Name, ttl: int, text: str, qtype: int) -> Answer:
    """Return a CNAME to a name that Kubernetes gave; where the chain goes on is not ours to know here."""
    try:
        target = from_text(text)
    except FormatError:
        return Answer(rcode=Rcode.SERVFAIL)
    alone = qtype in (Type.CNAME, Type.ANY)
    return Answer(answer=(cname(owner, ttl, target),), target=None if alone else target)


def _positive(question: Question, sets: tuple[RRset, ...]) -> Answer:
    found = _asked_for(question.qtype, sets)
    return Answer(answer=found, negative=None if found else question.zone)


def _asked_for(qtype: int, sets: tuple[RRset, ...]) -> tuple[RRset, ...]:
    """Return what of the RRsets at a name a type asks for; ANY is answered with one of them (RFC 8482 4.1)."""
    if qtype == Type.ANY:
        return sets[:1]
    return tuple(rrset for rrset in sets if rrset.rtype == qtype) if qtype in ADDRESS_TYPES else ()
