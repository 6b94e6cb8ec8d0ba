"""The federations of a server block, as one link of its chain."""

from collections.abc import Mapping

import msgspec

from fedresolver.authority.zones import Source
from fedresolver.chain.cells import joined
from fedresolver.chain.handler import Handler, Reply, Request
from fedresolver.plugins.federation.inside import InsideZone
from fedresolver.plugins.federation.outside import aside, beyond
from fedresolver.plugins.federation.public import PublicZone
from fedresolver.plugins.federation.zone import PLUGIN, Asking, Found, of_host
from fedresolver.wire.const import LONGEST_CHAIN, Rcode, Type
from fedresolver.wire.name import Name, parents, starts

_TOO_LONG = Reply(
    rcode=Rcode.SERVFAIL,
    authoritative=False,
    plugin=PLUGIN,
    failure=f"a chain of more than {LONGEST_CHAIN} CNAMEs",
)
PATIENCE = 5.0
"""Seconds for which a client waits, in all, for host names that were not tried yet."""
_LEADS_BACK = Found(
    Reply(
        rcode=Rcode.SERVFAIL,
        authoritative=False,
        plugin=PLUGIN,
        failure="it leads to a name that depends on such host names itself",
    )
)


class Served(msgspec.Struct, frozen=True):
    """A zone of ours in its block: `fallthrough` are the zones of which names we do not have go to the next plugin."""

    zone: InsideZone | PublicZone
    fallthrough: tuple[Name, ...] | None


class FederationHandler:
    """Answers what is in the zones of its federations, and passes on the rest.

    `outside` is asked where a chain leaves these zones.
    """

    def __init__(self, zones: Mapping[Name, Served], next_: Handler, outside: Handler) -> None:
        self._zones: dict[bytes, Served] = dict(zones.items())
        self._next = next_
        self._outside = outside

    async def __call__(self, request: Request) -> Reply:
        """Answer, or pass on."""
        query = request.query
        served = self._served(query.qname, query.starts)
        if served is None:
            return await self._next(request)
        found = _ask(*served, query.qname, query.qtype, query.starts)
        if found is None:
            return await self._passed_on(request, served)
        if found.target is None and not found.unresolved:
            return found.reply
        return await self._chain(request, ourselves=False)

    async def resolve(self, request: Request) -> Reply:
        """Answer where a host name of a load balancer leads to: by no name that depends on such host names itself.

        Else two of them could lead to each other, and to what they have led to before, for ever.
        """
        return await self._chain(request, ourselves=True)

    def _served(self, qname: Name, starts: tuple[int, ...]) -> tuple[Served, int] | None:
        """Return the zone of ours with the longest name that `qname` is in, and how many labels stand before it."""
        for cut, start in enumerate(starts):
            served = self._zones.get(qname[start:])
            if served is not None:
                return served, cut
        return None

    async def _passed_on(self, request: Request, served: tuple[Served, int]) -> Reply:
        """Return another's answer, which for a name in zones of ours is right only for as long as we do not have it.

        So no cache may keep it. The apex of a zone is never ours where it has another owner.
        """
        reply = await self._next(request)
        zone, cut = served[0].zone, served[1]
        if cut == 0 and zone.apex.zone in zone.apex.files:
            return reply
        lasting = not reply.foreign and reply.life is None
        cell = joined(reply.cell, zone.without) if lasting else None
        return msgspec.structs.replace(reply, cell=cell, life=None, foreign=False)

    async def _chain(self, request: Request, *, ourselves: bool) -> Reply:
        """Return the answer with its chain followed, through zones of ours and then outside (RFC 1034 4.3.2)."""
        query = request.query
        found = await self._ours(query.qname, request, ourselves=ourselves)
        if found is None:
            served = self._served(query.qname, query.starts)
            return await (self._next(request) if served is None else self._passed_on(request, served))
        reply = found.reply
        while found.target is not None:
            more = await self._ours(found.target, request, ourselves=ourselves)
            if more is None:
                there = await self._outside(aside(request, found.target))
                reply = beyond(reply, found.target, there, found.running)
                return _TOO_LONG if _is_too_long(reply) else reply
            if more.reply.rcode == Rcode.SERVFAIL:
                return more.reply
            reply = _joined(reply, more.reply)
            if _is_too_long(reply):
                return _TOO_LONG
            found = more
        return reply

    async def _ours(self, name: Name, request: Request, *, ourselves: bool) -> Found | None:
        """Return what a zone of ours says, for a client after the host names that it wants were tried once."""
        labels = starts(name)
        served = self._served(name, labels)
        if served is None:
            return None
        found = _ask(*served, name, request.query.qtype, labels)
        if ourselves:
            return _LEADS_BACK if found is not None and found.resolved else found
        while found is not None and found.unresolved and found.running is not None:
            left = request.received + PATIENCE - found.running.clock()
            if not await found.running.hostnames.tried(found.unresolved, left):
                break
            found = _ask(*served, name, request.query.qtype, labels)
        return found


def _ask(served: Served, cut: int, qname: Name, qtype: int, starts: tuple[int, ...]) -> Found | None:
    """Return what a zone of ours says, NXDOMAIN where it has no such name and keeps it to itself."""
    zone, asking = served.zone, Asking(qname, qtype, starts, cut)
    files = zone.apex.files
    file = _file(files, asking) if files else None
    if file is not None:
        return None if cut == 0 else _beside(file, zone, asking)
    found = of_host(zone.apex, asking) if zone.apex.has_hosts and cut else None
    if found is None:
        found = zone.ask(asking)
    if found is not None:
        return found
    if served.fallthrough is not None and any(parent in served.fallthrough for parent in parents(qname)):
        return None
    return zone.absent(asking)


def _file(files: Mapping[Name, Source], asking: Asking) -> Source | None:
    """Return the zone file with the longest name that is ours or below ours, and that the name asked for is in."""
    for start in asking.starts[: asking.cut + 1]:
        file = files.get(Name(asking.qname[start:]))
        if file is not None:
            return file
    return None


def _beside(file: Source, zone: InsideZone | PublicZone, asking: Asking) -> Found | None:
    """Return what our zone says where a zone file has the names that are not federated; None for those.

    A name that we may not have, for all that we know yet, is the file's if it stands there.
    """
    found = zone.ask(asking)
    if found is None or not found.unsure or file.contents is None:
        return found
    return None if asking.qname in file.contents.rrsets else found


def _joined(reply: Reply, more: Reply) -> Reply:
    """Return a chain with its continuation; it depends on both, so it is not kept."""
    return msgspec.structs.replace(
        more,
        answer=(*reply.answer, *more.answer),
        authoritative=reply.authoritative,
        ede=reply.ede if more.ede is None else more.ede,
        cell=None,
        reach=reply.reach if more.reach is None else more.reach,
    )


def _is_too_long(reply: Reply) -> bool:
    return sum(rrset.rtype == Type.CNAME for rrset in reply.answer) > LONGEST_CHAIN
