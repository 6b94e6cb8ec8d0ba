"""What is told of transfers."""

from fedresolver.observe.metrics import Metrics


class TransferMetrics:
    """The numbers of all server blocks with `transfer`; there is one in a process."""

    def __init__(self, metrics: Metrics) -> None:
        self.requests = metrics.counter(
            "fedresolver_transfer_requests_total",
            "Requests for zones, by how they were answered.",
            ("server", "zone", "type", "outcome"),
        )
        self.ended = metrics.counter(
            "fedresolver_transfer_ended_total",
            "Transfers that were sent whole, and those that the other side broke off.",
            ("server", "zone", "outcome"),
        )
        self.running = metrics.gauge(
            "fedresolver_transfer_running", "Transfers that are being sent.", ("server",), read=True
        )
        self.notifies = metrics.counter(
            "fedresolver_transfer_notifies_total",
            "Changes of zones that secondaries were told of, by what they answered.",
            ("server", "zone", "to", "outcome"),
        )
