"""Answers from a hosts file: what it has, what it denies, and what it leaves to others."""

from typing import Protocol

from fedresolver.chain.handler import Handler, Reply, Request, Wrap
from fedresolver.plugins.hosts.authority import Authority
from fedresolver.plugins.hosts.table import Table
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import Name, from_text
from fedresolver.wire.query import Query
from fedresolver.wire.rr import RRset, Soa

NEGATIVE_TTL = 5
"""How long a negative answer may be kept (RFC 2308 5), in seconds: as long as a change of the file may go unseen."""
_NOBODY = from_text("nobody.invalid")


class Source(Protocol):
    """What has the table of the moment."""

    @property
    def table(self) -> Table:
        """The names that there are now."""


def hosts(source: Source, authority: Authority) -> Wrap:
    """Return the link that answers from the table of `source`."""
    denials: dict[Name, Reply] = {}

    def denial(zone: Name, table: Table) -> Reply:
        """Return what all names are denied with that a zone does not have, always the same value."""
        reply = denials.get(zone)
        if reply is None or reply.cell is not table.cell:
            reply = denials[zone] = Reply(
                rcode=Rcode.NXDOMAIN, authority=(_soa(zone),), cell=table.cell, plugin="hosts"
            )
        return reply

    def wrap(next_: Handler) -> Handler:
        async def handle(request: Request) -> Reply:
            query, table = request.query, source.table
            records = table.records.get(query.qname)
            zone = authority.over(query.qname, query.starts)
            if records is not None:
                return _present(query, records, zone or query.qname, table)
            if zone is not None:
                known = query.qname == zone or table.has_below(query.qname)
                return _nothing(query, zone, table) if known else denial(zone, table)
            return await next_(request)

        return handle

    return wrap


def _present(query: Query, records: tuple[RRset, ...], zone: Name, table: Table) -> Reply:
    """Answer about a name of the file; of ANY one RRset (RFC 8482 4.1)."""
    answer = tuple(rrset for rrset in records if query.qtype in (rrset.rtype, Type.ANY))[:1]
    return Reply(answer=answer, cell=table.cell, plugin="hosts") if answer else _nothing(query, zone, table)


def _nothing(query: Query, zone: Name, table: Table) -> Reply:
    """Answer that a name has no records of this type; but a zone has an SOA."""
    soa = (_soa(zone),)
    if query.qname == zone and query.qtype in (Type.SOA, Type.ANY):
        return Reply(answer=soa, cell=table.cell, plugin="hosts")
    return Reply(authority=soa, cell=table.cell, plugin="hosts")


def _soa(zone: Name) -> RRset:
    """Return the SOA of a zone that is served here only (RFC 6303 3)."""
    soa = Soa(mname=zone, rname=_NOBODY, serial=1, minimum=NEGATIVE_TTL)
    return RRset(zone, Type.SOA, NEGATIVE_TTL, (soa.rdata(),))
