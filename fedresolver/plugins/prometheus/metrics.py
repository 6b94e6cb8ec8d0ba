"""What is counted of queries and answers.

An answer adds one to the tally of its kind, and so does each repeat of it on the server's fast path; a scrape moves the
tallies into the families. A kind is a combination of values from closed sets, so there are only so many tallies,
whatever strangers ask.
"""

from bisect import bisect_left
from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from fedresolver.chain.handler import Reach
from fedresolver.chain.plugin import Finished, Tally
from fedresolver.observe.metrics import Metrics, Series
from fedresolver.wire.const import Type, rcode_text
from fedresolver.wire.name import Name, to_text

SECONDS = tuple(0.00025 * 2**power for power in range(16))
OCTETS = (0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16_000, 32_000, 48_000, 64_000)
_SMALL = 1500
_BUCKETS = bytes(bisect_left(OCTETS, size) for size in range(_SMALL))
"""The numbers of the buckets for sizes below `_SMALL`, to be looked up."""
OTHER = "other"
_TYPES = {
    int(known): known.name
    for known in (
        *(Type.A, Type.AAAA, Type.MX, Type.SOA, Type.CNAME, Type.PTR, Type.TXT, Type.NS, Type.SRV, Type.DS),
        *(Type.DNSKEY, Type.RRSIG, Type.NSEC, Type.NSEC3, Type.HTTPS, Type.IXFR, Type.AXFR, Type.ANY),
    )
}
_zone_text = lru_cache(maxsize=1024)(to_text)
_IPV4, _IPV6 = "1", "2"
"""The numbers of the address families (IANA)."""


class Kind(NamedTuple):
    """What is alike in the answers of one tally; sizes as numbers of their buckets."""

    server: str
    zone: Name
    proto: str
    family: str
    qtype: str
    rcode: int
    plugin: str
    do: bool
    asked: int
    answered: int
    reach: Reach | None


class Traffic:
    """The numbers of all server blocks with `prometheus`; there is one in a process."""

    def __init__(self, metrics: Metrics) -> None:
        place = ("server", "zone")
        self.requests = metrics.counter(
            "fedresolver_dns_requests_total", "Queries.", (*place, "proto", "family", "type")
        )
        self.do_requests = metrics.counter("fedresolver_dns_do_requests_total", "Queries with the DO bit.", place)
        self.responses = metrics.counter("fedresolver_dns_responses_total", "Answers.", (*place, "rcode", "plugin"))
        self.seconds = metrics.histogram(
            "fedresolver_dns_request_duration_seconds", "Seconds from a query to its answer.", place, SECONDS
        )
        self.request_octets = metrics.histogram(
            "fedresolver_dns_request_size_bytes", "Octets of queries.", (*place, "proto"), OCTETS
        )
        self.response_octets = metrics.histogram(
            "fedresolver_dns_response_size_bytes", "Octets of answers.", (*place, "proto"), OCTETS
        )
        self.reached = metrics.counter(
            "fedresolver_federation_answers_total",
            "Answers to names of Services, by the level that answered.",
            ("server", "federation", "level", "fallback"),
        )
        self.enabled = metrics.gauge(
            "fedresolver_plugin_enabled", "Plugins that a zone is served with; always 1.", (*place, "name"), read=True
        )
        self._tallies: dict[tuple[object, ...], tuple[Tally, Series]] = {}

    def count(self, server: str, finished: Finished) -> Tally:
        """Count an answer that went through the chain, and return its tally."""
        tally, seconds = self._counted(server, finished)
        tally[0] += 1
        tally[1] += finished.request.size
        tally[2] += finished.size
        seconds.observe(finished.seconds)
        return tally

    def tally(self, server: str, finished: Finished) -> Tally:
        """Return what answers of this kind are counted in, now and after a reload."""
        return self._counted(server, finished)[0]

    def _counted(self, server: str, finished: Finished) -> tuple[Tally, Series]:
        request, reply = finished.request, finished.reply
        query, client, asked, answered = request.query, request.client, request.size, finished.size
        kind = (  # a plain tuple: this runs for each new question
            server,
            request.zone,
            client.transport,
            _IPV6 if ":" in client.address else _IPV4,
            _TYPES.get(query.qtype, OTHER),
            int(reply.rcode),
            reply.plugin,
            query.edns is not None and query.edns.do,
            _BUCKETS[asked] if asked < _SMALL else bisect_left(OCTETS, asked),
            _BUCKETS[answered] if answered < _SMALL else bisect_left(OCTETS, answered),
            reply.reach,
        )
        counted = self._tallies.get(kind)
        if counted is None:
            counted = [0, 0, 0], self.seconds.series(server, _zone_text(request.zone))
            self._tallies[kind] = counted
        return counted

    def move(self) -> None:
        """Move what the tallies hold into the families."""
        for kind, (tally, _) in self._tallies.items():
            number, asked, answered = tally
            if number:
                tally[:] = 0, 0, 0
                self._add(Kind._make(kind), number, asked, answered)
        self._fill_seconds()

    def _fill_seconds(self) -> None:
        """Count what was not measured, the repeats on the fast path, into the lowest bucket, with no time at all."""
        totals: dict[tuple[str, str], float] = defaultdict(float)
        for (server, zone, *_), number in self.requests.values.items():
            totals[server, zone] += number
        for place, total in totals.items():
            self.seconds.fill(0, int(total) - self.seconds.count(*place), 0, *place)

    def _add(self, kind: Kind, number: int, asked: int, answered: int) -> None:
        server, zone, proto = kind.server, _zone_text(kind.zone), kind.proto
        self.requests.add(server, zone, proto, kind.family, kind.qtype, by=number)
        self.responses.add(server, zone, rcode_text(kind.rcode), kind.plugin, by=number)
        if kind.do:
            self.do_requests.add(server, zone, by=number)
        if kind.reach is not None:
            federation, level, fallback = kind.reach
            self.reached.add(server, federation, level, "true" if fallback else "false", by=number)
        self.request_octets.fill(kind.asked, number, asked, server, zone, proto)
        self.response_octets.fill(kind.answered, number, answered, server, zone, proto)
