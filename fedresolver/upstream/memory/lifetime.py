"""What of another server's reply may be kept, for how long, and what it looks like later.

An answer ends with the first of its records. A denial lasts as long as the SOA in it says (RFC 2308 5); without one
nobody knows how long it holds, and a TTL of 0 is for the asker alone (RFC 1035 3.2.1).
"""

from enum import StrEnum

from msgspec.structs import replace

from fedresolver.chain.handler import Reply
from fedresolver.upstream.memory.keeping import Share
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.query import Query
from fedresolver.wire.response import Sections
from fedresolver.wire.rr import RRset, denial_ttl

_RRSET_OCTETS, _RDATA_OCTETS = 160, 40
"""About what Python takes for an RRset and for each of its records, beside their data."""


class Kind(StrEnum):
    """What a reply is to a cache: data, a denial of data, or a failure to get either."""

    SUCCESS = "success"
    DENIAL = "denial"
    ERROR = "error"


def is_answer(reply: Reply) -> bool:
    """Say whether a reply says what there is, or that there is nothing; others are failures (RFC 8767 4)."""
    return reply.rcode in (Rcode.NOERROR, Rcode.NXDOMAIN)


def kind_of(query: Query, reply: Reply) -> Kind | None:
    """Return what an answer is; None when it may not be kept, whatever its TTLs are."""
    if reply.rcode == Rcode.NOERROR and _has_data(query, reply):
        return Kind.SUCCESS
    if is_answer(reply) and any(rrset.rtype == Type.SOA for rrset in reply.authority):
        return Kind.DENIAL
    return None


def _has_data(query: Query, reply: Reply) -> bool:
    return any(rrset.rtype == query.qtype or query.qtype == Type.ANY for rrset in reply.answer)


def bounded(reply: Reply, kind: Kind, share: Share) -> tuple[Reply, int]:
    """Return `reply` with the TTLs that `share` allows, and the seconds until the first of its records ends."""
    authority = reply.authority
    if kind is Kind.DENIAL:
        authority = tuple(
            _with_ttl(rrset, denial_ttl(rrset)) if rrset.rtype == Type.SOA else rrset for rrset in authority
        )
    answer, authority = _bounded(reply.answer, share), _bounded(authority, share)
    additional = _bounded(reply.additional, share)
    seconds = min([rrset.ttl for rrset in (*answer, *authority)])
    kept = replace(reply, answer=answer, authority=authority, additional=additional, cell=None, life=None)
    return kept, seconds


def _bounded(section: tuple[RRset, ...], share: Share) -> tuple[RRset, ...]:
    """Return a section with TTLs within the bounds: nearly always it is the same one."""
    for rrset in section:
        if not share.least <= rrset.ttl <= share.most:
            return tuple(_with_ttl(rrset, min(max(rrset.ttl, share.least), share.most)) for rrset in section)
    return section


def _with_ttl(rrset: RRset, ttl: int) -> RRset:
    return RRset(rrset.owner, rrset.rtype, ttl, rrset.rdatas)


def sections_after(reply: Reply, seconds: int) -> Sections:
    """Return the sections of `reply` as they are `seconds` later, no TTL below 0."""
    if not seconds:
        return reply.answer, reply.authority, reply.additional
    return _after(reply.answer, seconds), _after(reply.authority, seconds), _after(reply.additional, seconds)


def _after(section: tuple[RRset, ...], seconds: int) -> tuple[RRset, ...]:
    return tuple([_with_ttl(rrset, max(0, rrset.ttl - seconds)) for rrset in section])


def with_ttl(section: tuple[RRset, ...], ttl: int) -> tuple[RRset, ...]:
    """Return a section with one TTL for all of its records."""
    return tuple([_with_ttl(rrset, ttl) for rrset in section])


def octets(reply: Reply) -> int:
    """Return about how much memory the records of `reply` take, in octets."""
    total = 0
    for rrset in (*reply.answer, *reply.authority, *reply.additional):
        rdatas = rrset.rdatas
        total += _RRSET_OCTETS + len(rrset.owner) + _RDATA_OCTETS * len(rdatas) + sum(map(len, rdatas))
    return total
