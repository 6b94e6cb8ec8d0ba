"""What is counted of the caches."""

from fedresolver.observe.metrics import Metrics
from fedresolver.upstream.memory.caching import Caching
from fedresolver.upstream.memory.lifetime import Kind


class CacheMetrics:
    """The numbers of all caches of the process."""

    def __init__(self, metrics: Metrics) -> None:
        place = ("server", "zones")
        self.entries = metrics.gauge(
            "fedresolver_cache_entries",
            "Replies that take up room, with those that have ended and were not replaced.",
            (*place, "type"),
            read=True,
        )
        self.misses = metrics.counter(
            "fedresolver_cache_misses_total", "Queries for which another server had to be asked.", place
        )
        self.prefetch = metrics.counter(
            "fedresolver_cache_prefetch_total", "Replies that were asked for anew before their end.", place
        )
        self.served_stale = metrics.counter(
            "fedresolver_cache_served_stale_total", "Answers that were given after their end.", place
        )
        self.evictions = metrics.counter(
            "fedresolver_cache_evictions_total",
            "Replies that could still be given, and went to make room.",
            (*place, "type"),
        )


class CacheCounts:
    """Counts what one cache tells of itself; `server` and `zones` are the labels of its server block."""

    def __init__(self, metrics: CacheMetrics, server: str, zones: str) -> None:
        self._metrics = metrics
        self._place = (server, zones)

    def missed(self) -> None:
        """Count a query for which another server was asked."""
        self._metrics.misses.add(*self._place)

    def prefetched(self) -> None:
        """Count an answer that is asked for before its end."""
        self._metrics.prefetch.add(*self._place)

    def gave_stale(self) -> None:
        """Count an answer that was given after its end."""
        self._metrics.served_stale.add(*self._place)

    def evicted(self, kind: Kind) -> None:
        """Count a reply that made room for another."""
        self._metrics.evictions.add(*self._place, kind.value)

    def read(self, caching: Caching) -> None:
        """Set how many replies take up room in `caching`; two server blocks with the same labels are told as one."""
        for kind in Kind:
            labels = (*self._place, kind.value)
            self._metrics.entries.set(caching.size(kind) + (self._metrics.entries.value(*labels) or 0), *labels)
