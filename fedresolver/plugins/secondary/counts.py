"""What a copy counts, until it is told."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Counts:
    """Transfers by way (AXFR, IXFR), primaries that gave nothing, and how often the copy has expired."""

    transfers: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    expired: int = 0
