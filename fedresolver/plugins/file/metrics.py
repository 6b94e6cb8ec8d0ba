"""What is told of zone files."""

from fedresolver.observe.metrics import Metrics


class FileMetrics:
    """The numbers of all zone files; there is one in a process."""

    def __init__(self, metrics: Metrics) -> None:
        self.records = metrics.gauge("fedresolver_file_records", "Records of the zone.", ("zone",), read=True)
        self.serial = metrics.gauge("fedresolver_file_serial", "The serial of the zone's SOA.", ("zone",), read=True)
        self.signed_until = metrics.gauge(
            "fedresolver_file_signed_until_timestamp_seconds",
            "When the first signature of a signed zone ends.",
            ("zone",),
            read=True,
        )
        self.failures = metrics.counter(
            "fedresolver_file_reload_failed_total", "Changes of a zone file that could not be read.", ("zone",)
        )
