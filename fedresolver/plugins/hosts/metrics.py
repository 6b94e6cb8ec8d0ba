"""What is told of hosts files."""

from fedresolver.observe.metrics import Metrics


class HostsMetrics:
    """The numbers of all server blocks with `hosts`; there is one in a process."""

    def __init__(self, metrics: Metrics) -> None:
        place = ("server", "zone")
        self.entries = metrics.gauge(
            "fedresolver_hosts_entries", "Records of the hosts file and the Corefile.", place, read=True
        )
        self.reload = metrics.gauge(
            "fedresolver_hosts_reload_timestamp_seconds", "When the hosts file was last read.", place, read=True
        )
