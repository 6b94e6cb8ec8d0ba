"""What is told of answers that were held back."""

from collections import Counter

from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.rrl.kind import Kind


class Counts:
    """What was beyond the limits of one server block since these numbers were last told."""

    def __init__(self) -> None:
        self.requests = 0
        self.slipped = 0
        self.responses: Counter[Kind] = Counter()

    def tell(self, metrics: "RrlMetrics", server: str, accounts: int) -> None:
        """Move the numbers into the metrics of the process."""
        metrics.requests.add(server, by=self.requests)
        metrics.slipped.add(server, by=self.slipped)
        for kind in Kind:
            metrics.responses.add(server, kind.value, by=self.responses[kind])
        metrics.accounts.set(accounts, server)
        self.requests = self.slipped = 0
        self.responses.clear()


class RrlMetrics:
    """The numbers of all server blocks with `rrl`; there is one in a process."""

    def __init__(self, metrics: Metrics) -> None:
        self.requests = metrics.counter(
            "fedresolver_rrl_requests_exceeded_total", "Queries beyond the limit of requests.", ("server",)
        )
        self.responses = metrics.counter(
            "fedresolver_rrl_responses_exceeded_total", "Answers beyond the limit of their kind.", ("server", "kind")
        )
        self.slipped = metrics.counter(
            "fedresolver_rrl_slipped_responses_total", "Of these, answers that were sent empty, with TC.", ("server",)
        )
        self.accounts = metrics.gauge(
            "fedresolver_rrl_accounts", "Networks and kinds of answers that are counted.", ("server",), read=True
        )
