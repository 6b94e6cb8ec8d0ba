"""What is told of allowed and denied queries."""

from collections import Counter

from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.acl.rules import Action
from fedresolver.wire.name import Name, to_text


class Counts:
    """What one server block has allowed and denied since these numbers were last told."""

    def __init__(self) -> None:
        self.allowed = 0
        self._denied: Counter[tuple[Action, Name]] = Counter()

    def denied(self, action: Action, zone: Name) -> None:
        """Count a denial, by a policy for `zone`."""
        self._denied[action, zone] += 1

    def tell(self, metrics: "AclMetrics", server: str) -> None:
        """Move the numbers into the metrics of the process."""
        metrics.allowed.add(server, by=self.allowed)
        for (action, zone), number in self._denied.items():
            metrics.denied[action].add(server, to_text(zone), by=number)
        self.allowed = 0
        self._denied.clear()


class AclMetrics:
    """The numbers of all server blocks with `acl`; there is one in a process."""

    def __init__(self, metrics: Metrics) -> None:
        place = ("server", "zone")
        self.allowed = metrics.counter(
            "fedresolver_acl_allowed_requests_total", "Queries that rules could deny, and did not.", ("server",)
        )
        blocked = metrics.counter("fedresolver_acl_blocked_requests_total", "Queries that were refused.", place)
        filtered = metrics.counter(
            "fedresolver_acl_filtered_requests_total", "Queries that were answered without records.", place
        )
        dropped = metrics.counter("fedresolver_acl_dropped_requests_total", "Queries without an answer.", place)
        self.denied = {Action.BLOCK: blocked, Action.FILTER: filtered, Action.DROP: dropped}
