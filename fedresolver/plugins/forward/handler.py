"""Names of others, as one link of the chain."""

from fedresolver.chain.handler import REFUSED, Ede, Handler, Reply, Request
from fedresolver.plugins.forward.settings import Settings
from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.upstream.forwarding.forwarder import Forwarder, TooManyError
from fedresolver.wire.const import Rcode
from fedresolver.wire.name import ROOT
from fedresolver.wire.query import Query
from fedresolver.wire.received import Received

PLUGIN = "forward"
_BUSY = Reply(rcode=Rcode.REFUSED, authoritative=False, plugin=PLUGIN, failure="more questions than `max_concurrent`")


class ForwardHandler:
    """Has `forwarder` ask about the names that `settings` name, and passes on the rest."""

    def __init__(self, settings: Settings, forwarder: Forwarder, next_: Handler) -> None:
        self._zones = frozenset(settings.zones)
        self._excluded = frozenset(settings.excluded)
        self._everything = ROOT in self._zones and not self._excluded
        self._next_rcodes = settings.next
        self._next_on_nodata = settings.next_on_nodata
        self._over_tcp = not settings.prefer_udp
        self._forwarder = forwarder
        self._next = next_
        self._received: Received | None = None
        self._reply = REFUSED

    async def __call__(self, request: Request) -> Reply:
        """Answer, or pass on."""
        query = request.query
        if not (self._everything or self._is_ours(query)):
            return await self._next(request)
        streamed = self._over_tcp and request.client.transport != "udp"
        try:
            received = await self._forwarder.ask(query, streamed=streamed)
        except TooManyError:
            return _BUSY
        if isinstance(received, UpstreamError):
            return _failed(received)
        if received.rcode in self._next_rcodes or (self._next_on_nodata and _is_nodata(received)):
            other = await self._next(request)
            if other is not REFUSED:
                return other
        if received is not self._received:  # all who waited for it are given the same reply, one after the other
            self._received, self._reply = received, _reply(received)
        return self._reply

    def _is_ours(self, query: Query) -> bool:
        """Say whether the name is in a zone of ours, and in none below it that is excluded."""
        for start in query.starts:
            name = query.qname[start:]
            if name in self._excluded:
                return False
            if name in self._zones:
                return not self._excluded or not any(query.qname[at:] in self._excluded for at in query.starts)
        return False


def _is_nodata(received: Received) -> bool:
    """Say whether there is nothing for the name that was asked, not even a CNAME, and yet the name."""
    return received.rcode == Rcode.NOERROR and not received.answer


def _reply(received: Received) -> Reply:
    return Reply(
        rcode=received.rcode,
        answer=received.answer,
        authority=received.authority,
        authoritative=False,
        authentic=received.authentic,
        foreign=True,
        plugin=PLUGIN,
    )


def _failed(error: UpstreamError) -> Reply:
    return Reply(
        rcode=Rcode.SERVFAIL,
        authoritative=False,
        foreign=error.cause is not Cause.BUSY,
        ede=Ede(error.ede, f"upstream: {error.cause.value}"),
        plugin=PLUGIN,
        failure=str(error),
    )
