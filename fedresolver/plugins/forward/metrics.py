"""What is counted of upstreams. They count in plain integers; a scrape brings the families up to date."""

from collections.abc import Iterable

from fedresolver.observe.metrics import Metrics
from fedresolver.upstream.forwarding.forwarder import Forwarder
from fedresolver.upstream.forwarding.upstream import BUCKETS, OTHER_RCODE, Counts, Upstream
from fedresolver.wire.const import rcode_text


class ForwardMetrics:
    """The numbers of all `forward` plugins; there is one in a process."""

    def __init__(self, metrics: Metrics) -> None:
        place = ("server", "to")
        self.up = metrics.gauge(
            "fedresolver_forward_upstream_up", "Whether an upstream is asked: 1, or 0 when down.", place, read=True
        )
        self.requests = metrics.counter(
            "fedresolver_forward_requests_total", "Questions sent to an upstream.", (*place, "transport")
        )
        self.responses = metrics.counter("fedresolver_forward_responses_total", "Answers.", (*place, "rcode"))
        self.failures = metrics.counter(
            "fedresolver_forward_failures_total", "Questions that an upstream did not answer.", (*place, "cause")
        )
        self.checks = metrics.counter(
            "fedresolver_forward_healthcheck_failures_total", "Health checks that failed.", place
        )
        self.unexpected = metrics.counter(
            "fedresolver_forward_unexpected_replies_total", "Datagrams that answered nothing that was asked.", place
        )
        self.seconds = metrics.histogram(
            "fedresolver_forward_request_duration_seconds", "Seconds from a question to its answer.", place, BUCKETS
        )
        self.rejected = metrics.counter(
            "fedresolver_forward_max_concurrent_rejects_total", "Queries refused for `max_concurrent`.", ("server",)
        )
        self.dropped = metrics.counter(
            "fedresolver_forward_dropped_total", "Questions given up because too many waited.", ("server",)
        )

    def read(self, server: str, forwarders: Iterable[Forwarder]) -> None:
        """Bring the families up to date with what the upstreams have counted."""
        for forwarder in forwarders:
            self.rejected.add(server, by=forwarder.rejected)
            self.dropped.add(server, by=forwarder.dropped)
            forwarder.rejected = forwarder.dropped = 0
            for upstream in forwarder.upstreams:
                self._take(server, upstream)

    def _take(self, server: str, upstream: Upstream) -> None:
        counts, upstream.counts, to = upstream.counts, Counts(), upstream.name
        self.up.set(int(upstream.usable), server, to)
        for transport, number in counts.asked.items():
            self.requests.add(server, to, transport, by=number)
        for rcode, number in counts.rcodes.items():
            self.responses.add(server, to, "other" if rcode == OTHER_RCODE else rcode_text(rcode), by=number)
        for cause, number in counts.causes.items():
            self.failures.add(server, to, cause.value, by=number)
        self.checks.add(server, to, by=counts.failed_checks)
        self.unexpected.add(server, to, by=upstream.udp.unexpected)
        upstream.udp.unexpected = 0
        seconds = counts.seconds
        for bucket, number in enumerate(counts.times):
            if number:
                self.seconds.fill(bucket, number, seconds, server, to)
                seconds = 0.0
