"""What a reply says about the addresses of a name."""

import msgspec

from fedresolver.chain.handler import Reply
from fedresolver.wire.const import LONGEST_CHAIN, Rcode, Type
from fedresolver.wire.name import Name
from fedresolver.wire.rr import RRset, denial_ttl
from fedresolver.wire.section import MAX_TTL

MOST_ADDRESSES = 64
"""Of one family: what is beyond is left out. In A records they are 1,024 octets, what a UDP answer carries."""
_LONGEST_NEGATIVE = 10800  # RFC 2308 5: one to three hours have been found to work well
_SHORTEST_NEGATIVE = 5
_OCTETS = {int(Type.A): 4, int(Type.AAAA): 16}


class Found(msgspec.Struct, frozen=True, gc=False):
    """The packed addresses of a name in one family, in order, for `ttl` seconds: the least of its chain.

    None of them is a result too: the name does not exist, or has none in this family.
    """

    addresses: tuple[bytes, ...]
    ttl: int


def found(reply: Reply, name: Name, rtype: int) -> Found | None:
    """Return what `reply` says of `name` in the family of `rtype`, A or AAAA; None where that is nothing."""
    if reply.rcode not in (Rcode.NOERROR, Rcode.NXDOMAIN):
        return None
    ttl = MAX_TTL
    for _ in range(LONGEST_CHAIN + 1):
        here = [rrset for rrset in reply.answer if rrset.owner == name]
        ends = [rrset for rrset in here if rrset.rtype == rtype]
        if ends:
            return _positive(ends, min(ttl, *(rrset.ttl for rrset in ends)))
        aliases = [rrset for rrset in here if rrset.rtype == Type.CNAME and rrset.rdatas]
        if not aliases:
            return Found((), max(min(ttl, _negative_ttl(reply)), _SHORTEST_NEGATIVE))
        ttl = min(ttl, aliases[0].ttl)
        name = Name(aliases[0].rdatas[0].lower())
    return None


def _positive(sets: list[RRset], ttl: int) -> Found:
    """Return the addresses in order: servers rotate them, which is no news."""
    octets = _OCTETS[sets[0].rtype]
    packed = {address: None for rrset in sets for address in rrset.rdatas if len(address) == octets}
    return Found(tuple(sorted(list(packed)[:MOST_ADDRESSES])), max(ttl, 0))


def _negative_ttl(reply: Reply) -> int:
    """Return for how long there is nothing, as the SOA says."""
    for rrset in reply.authority:
        if rrset.rtype == Type.SOA and rrset.rdatas:
            return min(denial_ttl(rrset), _LONGEST_NEGATIVE)
    return _SHORTEST_NEGATIVE
