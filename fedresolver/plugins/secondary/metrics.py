"""What is told of copies. They count in plain integers; a scrape brings the families up to date."""

from collections.abc import Mapping

from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.secondary.copy import Copy
from fedresolver.plugins.secondary.counts import Counts
from fedresolver.wire.name import Name, to_text
from fedresolver.zone.upkeep import State


class SecondaryMetrics:
    """The numbers of all `secondary` plugins; there is one in a process."""

    def __init__(self, metrics: Metrics) -> None:
        place = ("server", "zone")
        self.serial = metrics.gauge(
            "fedresolver_secondary_serial", "The serial of the zone that is answered from.", place, read=True
        )
        self.refreshed = metrics.gauge(
            "fedresolver_secondary_refresh_timestamp_seconds",
            "When a primary has last given or confirmed the zone.",
            place,
            read=True,
        )
        self.signed_until = metrics.gauge(
            "fedresolver_secondary_signed_until_timestamp_seconds",
            "When the first signature of a signed zone ends.",
            place,
            read=True,
        )
        self.is_expired = metrics.gauge(
            "fedresolver_secondary_expired", "Whether the zone has expired: 1, else 0.", place, read=True
        )
        self.transfers = metrics.counter(
            "fedresolver_secondary_transfers_total", "Versions that came from a primary.", (*place, "type")
        )
        self.failures = metrics.counter(
            "fedresolver_secondary_failures_total", "How often a primary gave no answer, or no zone.", place
        )
        self.expirations = metrics.counter(
            "fedresolver_secondary_expirations_total", "How often the zone has expired.", place
        )

    def read(self, server: str, copies: Mapping[Name, Copy]) -> None:
        """Bring the families up to date with what the copies have counted."""
        for apex, copy in copies.items():
            self._take(server, to_text(apex), copy)

    def _take(self, server: str, zone: str, copy: Copy) -> None:
        counts, copy.counts = copy.counts, Counts()
        held = copy.served.zone
        if held is not None:
            self.serial.set(held.contents.serial, server, zone)
            if held.signed_until is not None:
                self.signed_until.set(held.signed_until, server, zone)
        if copy.refreshed_at is not None:
            self.refreshed.set(copy.refreshed_at, server, zone)
        self.is_expired.set(int(copy.state is State.EXPIRED), server, zone)
        for way in ("AXFR", "IXFR"):
            self.transfers.add(server, zone, way, by=counts.transfers[way])
        self.failures.add(server, zone, by=counts.failed)
        self.expirations.add(server, zone, by=counts.expired)
