"""What is right where a zone file is served: a zone of its own, which no federation knows."""

from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address

from bench.truth import Record, Truth

ZONE = "bench.example."
TTL = 3600
ADDRESSES = ip_address("198.18.0.0")  # RFC 2544: kept for benchmarks


@dataclass(frozen=True)
class ZoneTruth(Truth):
    """A zone with as many addresses as the world has Services, a name each."""

    @property
    def apexes(self) -> tuple[str, ...]:
        return (ZONE,)

    @cached_property
    def records(self) -> dict[str, list[Record]]:
        names = (name_of(number) for number in range(1, self.world.services + 1))
        return {name: [(name, TTL, "A", str(ADDRESSES + number))] for number, name in enumerate(names, 1)}


def name_of(number: int) -> str:
    """Return the name of this number, counted from 1."""
    return f"host-{number:06}.{ZONE}"
