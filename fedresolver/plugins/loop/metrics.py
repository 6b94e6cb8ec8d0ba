"""What is told of loops."""

from collections import Counter
from collections.abc import Sequence

from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.loop.watch import Upstream


class LoopMetrics:
    """The numbers of all server blocks with `loop`; there is one in a process."""

    def __init__(self, metrics: Metrics) -> None:
        self._upstreams = metrics.gauge(
            "fedresolver_loop_upstreams",
            "Upstreams that loop, and are left out for it.",
            ("server", "upstream"),
            read=True,
        )

    def read(self, server: str, upstreams: Sequence[Upstream]) -> None:
        """Bring the numbers up to date; an upstream of several `forward` is there as often."""
        looping: Counter[str] = Counter()
        for upstream in upstreams:
            looping[upstream.name] += upstream.looping
        for name, number in looping.items():
            self._upstreams.set(number, server, name)
