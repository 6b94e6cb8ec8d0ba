"""What a zone says of one name and type: RFC 1034 4.3.2 without step 1, and without following what leads on.

exact match      its data, unless it is delegated: then a referral, but DS is the parent's (RFC 4035 3.1.4.1)
no match         the closest name above it that exists decides (RFC 4592 3.3.1): delegated, renamed by a DNAME, or
                 a wildcard just below it; else there is no such name
"""

from fedresolver.wire.const import Type
from fedresolver.wire.name import MAX_NAME, Name
from fedresolver.wire.rr import RRset, cname
from fedresolver.zone.outcome import NO_DATA, NO_NAME, Alias, Data, Outcome, Referral, TooLong
from fedresolver.zone.proofs import WILDCARD
from fedresolver.zone.zone import Node, Zone

_NS, _CNAME, _DNAME, _DS, _ANY = map(int, (Type.NS, Type.CNAME, Type.DNAME, Type.DS, Type.ANY))
_LAST_CHOICE = frozenset(map(int, (Type.RRSIG, Type.NSEC)))
_OF_ALIAS = frozenset((_CNAME, _ANY))


def ask(zone: Zone, qname: Name, starts: tuple[int, ...], qtype: int) -> Outcome:
    """Return how a question ends whose name is the zone's or below it; `starts` are the offsets of its labels."""
    node = zone.nodes.get(qname)
    if node is None:
        return _absent(zone, qname, starts, qtype)
    if qname in zone.cuts and qtype != _DS:
        return Referral(node[_NS])
    return _at(node, qname, qtype)


def _absent(zone: Zone, qname: Name, starts: tuple[int, ...], qtype: int) -> Outcome:
    nodes = zone.nodes
    for start in starts[1:]:
        encloser = qname[start:]
        node = nodes.get(encloser)
        if node is not None:
            break
    else:
        return NO_NAME
    if encloser in zone.cuts:
        return Referral(node[_NS])
    if _DNAME in node:
        return _renamed(qname, node[_DNAME], qtype)
    wildcard = nodes.get(WILDCARD + encloser)
    return NO_NAME if wildcard is None else _at(wildcard, qname, qtype)


def _at(node: Node, qname: Name, qtype: int) -> Outcome:
    """Return what the records of a name say, or those of a wildcard in its place."""
    found = node.get(qtype)
    if found is None and qtype == _ANY and node:
        found = _any(node)
    if found is not None:
        return Data(_owned(found, qname))
    found = node.get(_CNAME)
    if found is None:
        return NO_DATA
    return Alias((_owned(found, qname),), Name(found.rdatas[0].lower()))


def _any(node: Node) -> RRset:
    """Return one RRset of a name (RFC 8482 4.1), signatures last."""
    return min(node.values(), key=lambda rrset: rrset.rtype in _LAST_CHOICE)


def _owned(rrset: RRset, owner: Name) -> RRset:
    return rrset if rrset.owner == owner else RRset(owner, rrset.rtype, rrset.ttl, rrset.rdatas)


def _renamed(qname: Name, dname: RRset, qtype: int) -> Outcome:
    """Return the way on that a DNAME above the name shows, with a CNAME of its TTL (RFC 6672 3.1).

    Who asks for that CNAME has it.
    """
    target = Name(qname[: -len(dname.owner)] + dname.rdatas[0].lower())
    if len(target) > MAX_NAME:
        return TooLong(dname)
    return Alias((dname, cname(qname, dname.ttl, target)), None if qtype in _OF_ALIAS else target)
