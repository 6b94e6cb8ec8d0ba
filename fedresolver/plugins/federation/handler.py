"""The federations of a server block, as one link of its chain."""

from collections.abc import Mapping

import msgspec

from fedresolver.chain.handler import Handler, Reply, Request
from fedresolver.plugins.federation.inside import InsideZone
from fedresolver.plugins.federation.public import PublicZone
from fedresolver.plugins.federation.zone import PLUGIN, Asking, Found, of_host
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import Name, parents, starts

LONGEST_CHAIN = 8
"""How many CNAMEs an answer may have; beyond that it is taken for a loop."""
_TOO_LONG = Reply(
    rcode=Rcode.SERVFAIL,
    authoritative=False,
    plugin=PLUGIN,
    failure=f"a chain of more than {LONGEST_CHAIN} CNAMEs",
)


class Served(msgspec.Struct, frozen=True):
    """A zone of ours in its block: `fallthrough` are the zones of which names we do not have go to the next plugin."""

    zone: InsideZone | PublicZone
    fallthrough: tuple[Name, ...] | None


class FederationHandler:
    """Answers what is in the zones of its federations, and passes on the rest."""

    def __init__(self, zones: Mapping[Name, Served], next_: Handler) -> None:
        self._zones: dict[bytes, Served] = dict(zones.items())
        self._next = next_

    async def __call__(self, request: Request) -> Reply:
        """Answer, or pass on."""
        query = request.query
        served = self._served(query.qname, query.starts)
        if served is None:
            return await self._next(request)
        found = _ask(*served, query.qname, query.qtype, query.starts)
        if found is None:
            # Another's answer, and right only for as long as we do not have the name.
            return msgspec.structs.replace(await self._next(request), cell=None)
        if found.target is None:
            return found.reply
        return self._follow(found, query.qtype)

    def _served(self, qname: Name, starts: tuple[int, ...]) -> tuple[Served, int] | None:
        """Return the zone of ours with the longest name that `qname` is in, and how many labels stand before it."""
        for cut, start in enumerate(starts):
            served = self._zones.get(qname[start:])
            if served is not None:
                return served, cut
        return None

    def _follow(self, found: Found, qtype: int) -> Reply:
        """Return the reply with its chain followed for as long as it stays in zones of ours (RFC 1034 4.3.2)."""
        reply = found.reply
        while found.target is not None:
            labels = starts(found.target)
            served = self._served(found.target, labels)
            if served is None:
                return reply
            more = _ask(*served, found.target, qtype, labels)
            if more is None:
                return msgspec.structs.replace(reply, cell=None)
            if more.reply.rcode == Rcode.SERVFAIL:
                return more.reply
            reply = _joined(reply, more.reply)
            if sum(rrset.rtype == Type.CNAME for rrset in reply.answer) > LONGEST_CHAIN:
                return _TOO_LONG
            found = more
        return reply


def _ask(served: Served, cut: int, qname: Name, qtype: int, starts: tuple[int, ...]) -> Found | None:
    """Return what a zone of ours says, NXDOMAIN where it has no such name and keeps it to itself."""
    zone, asking = served.zone, Asking(qname, qtype, starts, cut)
    found = of_host(zone.apex, asking) if zone.apex.has_hosts and cut else None
    if found is None:
        found = zone.ask(asking)
    if found is not None:
        return found
    if served.fallthrough is not None and any(parent in served.fallthrough for parent in parents(qname)):
        return None
    return zone.absent(asking)


def _joined(reply: Reply, more: Reply) -> Reply:
    """Return a chain with its continuation; it depends on both, so it is not kept."""
    return msgspec.structs.replace(
        more,
        answer=(*reply.answer, *more.answer),
        authoritative=reply.authoritative,
        ede=reply.ede if more.ede is None else more.ede,
        cell=None,
    )
