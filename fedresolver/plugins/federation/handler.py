"""The federations of a server block, as one link of its chain."""

from collections.abc import Mapping

import msgspec

from fedresolver.chain.handler import Handler, Reply, Request
from fedresolver.plugins.federation.cells import Cells
from fedresolver.plugins.federation.inside import InsideZone
from fedresolver.plugins.federation.public import PublicZone
from fedresolver.plugins.federation.zone import Asking, Found, of_host
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import Name, parents, starts

LONGEST_CHAIN = 8
"""How many CNAMEs an answer may have; beyond that it is taken for a loop."""


class Served(msgspec.Struct, frozen=True):
    """A zone of ours in its block: `fallthrough` are the zones of which names we do not have go to the next plugin."""

    zone: InsideZone | PublicZone
    cells: Cells
    fallthrough: tuple[Name, ...] | None


class FederationHandler:
    """Answers what is in the zones of its federations, and passes on the rest."""

    def __init__(self, zones: Mapping[Name, Served], next_: Handler) -> None:
        self._zones: dict[bytes, Served] = dict(zones.items())
        self._next = next_

    async def __call__(self, request: Request) -> Reply:
        """Answer, or pass on."""
        query = request.query
        found = self._find(query.qname, query.qtype, query.starts)
        if found is None:
            return await self._next(request)
        if found.target is None:
            return found.reply
        return self._follow(found, query.qtype)

    def _find(self, qname: Name, qtype: int, starts: tuple[int, ...]) -> Found | None:
        """Return what the zone of `qname` with the longest name has; None when that is for the next plugin."""
        for cut, start in enumerate(starts):
            served = self._zones.get(qname[start:])
            if served is not None:
                return _ask(served, Asking(qname, qtype, starts, cut))
        return None

    def _follow(self, found: Found, qtype: int) -> Reply:
        """Return the reply with its chain followed for as long as it stays in zones of ours (RFC 1034 4.3.2)."""
        reply = found.reply
        while found.target is not None:
            more = self._find(found.target, qtype, starts(found.target))
            if more is None:
                return reply
            reply = _joined(reply, more.reply)
            if sum(rrset.rtype == Type.CNAME for rrset in reply.answer) > LONGEST_CHAIN:
                return Reply(rcode=Rcode.SERVFAIL, plugin=reply.plugin, failure="a chain of more than 8 CNAMEs")
            found = more
        return reply


def _ask(served: Served, asking: Asking) -> Found | None:
    """Return what a zone of ours says, NXDOMAIN where it has no such name and keeps it to itself."""
    found = None
    if served.zone.apex.has_hosts and asking.cut:
        found = _host(served, asking)
    if found is None:
        found = served.zone.ask(asking)
    if found is not None:
        return found
    if served.fallthrough is not None and any(zone in served.fallthrough for zone in parents(asking.qname)):
        return None
    return served.zone.absent()


def _host(served: Served, asking: Asking) -> Found | None:
    """Return what a name server's name has, in a zone of ours; NODATA for a name above one."""
    apex = served.zone.apex
    found = apex.host(asking.qname, asking.qtype)
    return None if found is None else of_host(apex, found, served.cells.brief())


def _joined(reply: Reply, more: Reply) -> Reply:
    """Return a chain with its continuation; it depends on both, so it is not kept."""
    return msgspec.structs.replace(
        more,
        answer=(*reply.answer, *more.answer),
        authoritative=reply.authoritative,
        ede=reply.ede if more.ede is None else more.ede,
        cell=None,
    )
