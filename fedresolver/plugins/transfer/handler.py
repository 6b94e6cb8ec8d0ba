"""Answers AXFR (RFC 5936) and IXFR (RFC 1995)."""

import logging
from collections.abc import Iterator, Mapping
from itertools import islice

import msgspec

from fedresolver.authority.zones import Source, Zones
from fedresolver.chain.handler import Handler, Reply, Request
from fedresolver.plugins.transfer.messages import messages, steps, whole
from fedresolver.plugins.transfer.metrics import TransferMetrics
from fedresolver.plugins.transfer.settings import Settings, of_zone
from fedresolver.plugins.transfer.stream import Streams
from fedresolver.server.seldom import Seldom
from fedresolver.wire.const import CLASS_IN, TRANSFER_TYPES, Opcode, Rcode, Type, type_text
from fedresolver.wire.name import Name, to_text
from fedresolver.wire.response import udp_limit
from fedresolver.wire.rr import RRset
from fedresolver.wire.serial import is_newer
from fedresolver.zone.contents import Contents
from fedresolver.zone.difference import Difference, size

PLUGIN = "transfer"
log = logging.getLogger("fedresolver.transfer")
_CONNECTED = frozenset(("tcp", "tls"))
_MOST_IN_DATAGRAM = 20
"""Records of a difference that goes into a datagram: each costs as much as many of a transfer over TCP."""
_BESIDE = 100
"""Octets of a datagram that are left for header, OPT and a signature."""


class Answering(msgspec.Struct, frozen=True):
    """All that answers are made from: the zones of the block `server`, who may have them, and where that is told."""

    server: str
    zones: Zones
    settings: Mapping[Name, Settings]
    streams: Streams
    refusals: Seldom
    sent: Seldom
    metrics: TransferMetrics

    def wrap(self, next_: Handler) -> Handler:
        """Return the handler that answers requests for zones, and passes on the rest."""

        async def handle(request: Request) -> Reply:
            query = request.query
            if query.opcode != Opcode.QUERY or query.qclass != CLASS_IN or query.qtype not in TRANSFER_TYPES:
                return await next_(request)
            return self.answer(request)

        return handle

    def answer(self, request: Request) -> Reply:
        """Return the reply to a request for a zone."""
        query = request.query
        apex, source = query.qname, self.zones.find(query.qname)
        if source is None:
            return self._failed(request, Rcode.NOTAUTH, "not_ours")
        settings = of_zone(self.settings, apex)
        if settings is None or self.contested(apex) or not settings.allows(request.client.address, request.key):
            return self._refused(request)
        contents = source.contents
        if contents is None:
            return self._failed(request, Rcode.SERVFAIL, "nothing", f"{to_text(apex)} has nothing to transfer")
        if query.qtype == Type.AXFR:
            return self._whole(request, contents)
        return self._newer(request, source, contents)

    def contested(self, apex: Name) -> bool:
        """Say whether a zone is a file's and a federation's: neither alone is what we answer from."""
        return apex in self.zones.files and apex in self.zones.federated

    def _refused(self, request: Request) -> Reply:
        """Refuse, and tell of it at a bounded rate: a secondary that was forgotten is looked for in the log."""
        what, who = type_text(request.query.qtype), request.client.address
        signed = f", signed by {to_text(request.key)}" if request.key is not None else ""
        self.refusals.warn(log, "%s of %s refused to %s%s", what, to_text(request.query.qname), who, signed)
        return self._failed(request, Rcode.REFUSED, "refused")

    def _whole(self, request: Request, contents: Contents) -> Reply:
        if request.client.transport not in _CONNECTED:
            return self._failed(request, Rcode.NOTIMP, "transport")
        return self._sent(request, contents, "whole", whole(contents))

    def _newer(self, request: Request, source: Source, contents: Contents) -> Reply:
        """Answer what has changed since the version that the asker has."""
        serial = request.query.serial
        if serial is None:
            return self._failed(request, Rcode.FORMERR, "malformed")
        if not is_newer(contents.serial, serial):
            return self._alone(request, contents, "current")
        known = source.since(serial)
        if request.client.transport == "udp":
            return self._datagram(request, contents, known)
        if known is None:
            return self._whole(request, contents)
        if request.client.transport not in _CONNECTED:
            return self._failed(request, Rcode.NOTIMP, "transport")
        return self._sent(request, contents, "difference", steps(contents.soa, known))

    def _datagram(self, request: Request, contents: Contents, known: tuple[Difference, ...] | None) -> Reply:
        """Answer with what fits into one message, or the SOA alone, which has the asker come by TCP (RFC 1995 2)."""
        room = udp_limit(request.query.edns) - len(request.query.question) - _BESIDE
        rrsets = () if known is None else tuple(islice(steps(contents.soa, known), _MOST_IN_DATAGRAM + 1))
        records = sum(len(rrset.rdatas) for rrset in rrsets)
        if not rrsets or records > _MOST_IN_DATAGRAM or sum(map(size, rrsets)) > room:
            return self._alone(request, contents, "datagram")
        self._count(request, "difference")
        return Reply(answer=rrsets, plugin=PLUGIN)

    def _alone(self, request: Request, contents: Contents, outcome: str) -> Reply:
        self._count(request, outcome)
        return Reply(answer=(contents.soa,), plugin=PLUGIN)

    def _sent(self, request: Request, contents: Contents, outcome: str, rrsets: Iterator[RRset]) -> Reply:
        """Answer with a stream of messages, unless too many are being sent: the asker tries again."""
        zone, who = to_text(contents.apex), request.client.address
        if self.streams.full(who):
            why = f"{zone} is not sent to {who}: too many transfers at once"
            self.refusals.warn(log, "%s", why)
            return self._failed(request, Rcode.SERVFAIL, "busy", why)
        self._count(request, outcome)
        what = f"{zone} to {who}: {'all of it' if outcome == 'whole' else 'what has changed'}, serial {contents.serial}"

        def ended(taken: bool) -> None:
            self.metrics.ended.add(self.server, zone, "whole" if taken else "broken_off")
            self.sent.tell(log, logging.INFO, "%s%s", what, "" if taken else ", broken off by the other side")

        return Reply(stream=self.streams.begin(who, messages(contents.apex, rrsets), ended), plugin=PLUGIN)

    def _failed(self, request: Request, rcode: Rcode, outcome: str, failure: str = "") -> Reply:
        self._count(request, outcome)
        return Reply(rcode=rcode, authoritative=False, plugin=PLUGIN, failure=failure)

    def _count(self, request: Request, outcome: str) -> None:
        """Count a request; names that are not ours are anybody's to choose, and not told."""
        zone = to_text(request.query.qname) if outcome != "not_ours" else ""
        self.metrics.requests.add(self.server, zone, type_text(request.query.qtype), outcome)
