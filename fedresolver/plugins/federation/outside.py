"""Where names of the federation lead out of its zones: to whatever stands behind it in its server block."""

from collections.abc import Iterable

import msgspec

from fedresolver.chain.handler import Ede, Handler, Reply, Request, request_of_ours
from fedresolver.plugins.federation.live import Live
from fedresolver.plugins.federation.zone import PLUGIN
from fedresolver.upstream.hostnames.hostnames import Hostnames
from fedresolver.upstream.memory.keeping import Policy, Prefetch, Share, Stale
from fedresolver.wire.const import ADDRESS_TYPES, Rcode, Type, rcode_text
from fedresolver.wire.const import Ede as Code
from fedresolver.wire.name import Name
from fedresolver.wire.query import question
from fedresolver.wire.rr import RRset

_DAY = 86_400
REMEMBERED = Policy(
    success=Share(most=_DAY, capacity=1024),
    denial=Share(most=10_800, capacity=1024),
    prefetch=Prefetch(amount=1, percent=20),
    stale=Stale(seconds=_DAY),
)
"""How long names outside are remembered that names of the federation lead to: for their TTL, and what was last known of
them for a day when they cannot be resolved any more. Who asks has them asked for anew before they end.
"""


class Outside:
    """The unit that lets the host names of federations be asked through `handler` while a configuration is in force.

    It belongs to one configuration, as the chain does: neither is kept over a reload.
    """

    def __init__(self, hostnames: Iterable[Hostnames]) -> None:
        self._hostnames = tuple(dict.fromkeys(hostnames))
        self.handler: Handler | None = None

    async def start(self) -> None:
        """Ask the chain from now on."""
        for hostnames in self._hostnames:
            if self.handler is not None:
                hostnames.ask_through(self.handler)

    async def stop(self) -> None:
        """Ask the chain no more."""
        for hostnames in self._hostnames:
            if self.handler is not None:
                hostnames.ask_no_more(self.handler)


def aside(request: Request, name: Name) -> Request:
    """Return the question for another name that `request` has led to; it is ours, not the client's."""
    return request_of_ours(question(name, request.query.qtype), request.zone, request.received)


def beyond(reply: Reply, target: Name, more: Reply, running: Live | None) -> Reply:
    """Return a chain with what others say of its last name, `target`.

    Where no plugin of the block resolves that, it may be in another block's zone: then whoever follows chains goes on.

    The rcode is theirs (RFC 6604). It is an answer of ours all the same: it is right for as long as the first name
    leads there, which no cache can know.
    """
    if more.rcode == Rcode.REFUSED and not more.plugin:
        return msgspec.structs.replace(reply, cell=None, target=target)
    if more.rcode not in (Rcode.NOERROR, Rcode.NXDOMAIN, Rcode.YXDOMAIN):
        return Reply(
            rcode=Rcode.SERVFAIL,
            authoritative=False,
            ede=more.ede or Ede(Code.NO_REACHABLE_AUTHORITY),
            plugin=PLUGIN,
            failure=more.failure or f"the name that it leads to: {rcode_text(more.rcode)}",
        )
    believed = (_believed(rrset, running) for rrset in more.answer)
    return msgspec.structs.replace(
        reply,
        rcode=more.rcode,
        answer=(*reply.answer, *(rrset for rrset in believed if rrset.rdatas)),
        authority=tuple(rrset for rrset in more.authority if rrset.rtype == Type.SOA),
        ede=reply.ede if more.ede is None else more.ede,
        cell=None,
        target=more.target,
    )


def _believed(rrset: RRset, running: Live | None) -> RRset:
    """Return an RRset without the addresses that are left out of what members say, too, and with a TTL in bounds."""
    rdatas = rrset.rdatas
    if running is not None and rrset.rtype in ADDRESS_TYPES:
        rdatas = tuple(packed for packed in rdatas if running.settings.rules.believes(packed))
    return RRset(rrset.owner, rrset.rtype, min(max(rrset.ttl, 0), _DAY), rdatas)
