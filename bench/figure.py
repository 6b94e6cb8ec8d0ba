"""Figures: what was measured, in which unit, and what it should be."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.cases import Case
from bench.rounds import Measured

OURS = "fedresolver"
MEMORY_GROWTH = 1.05
"""Memory after the last round of a flood, at most, as a multiple of that after the first."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of one case; `limit` is the highest that meets its target."""

    case: str
    what: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.limit is None else self.value <= self.limit


def cpu(case: Case, measured: Mapping[str, Measured]) -> list[Figure]:
    """Return CPU per answer of each server, and ours as a multiple of each."""
    figures = [Figure(case.name, name, one.median, "us") for name, one in measured.items()]
    for name, one in measured.items():
        if name != OURS and OURS in measured:
            ours = ratio(measured[OURS].cpu, one.cpu)
            figures.append(Figure(case.name, f"ours / {name}", ours, "", case.limits.get(name)))
    return figures


def memory(case: Case, measured: Mapping[str, Measured]) -> list[Figure]:
    """Return our memory before a flood, and its peak until the end of the first round and of the last."""
    if OURS not in measured:
        return []
    ready, _, first, *later = measured[OURS].resident
    last = later[-1] if later else first
    return [
        Figure(case.name, "ready", ready, "MiB"),
        Figure(case.name, "first round", first, "MiB"),
        Figure(case.name, "last round", last, "MiB"),
        Figure(case.name, "last / first", last / first, "", MEMORY_GROWTH),
    ]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median over the rounds of ours / theirs in the same round."""
    return statistics.median(our / their for our, their in zip(ours, theirs, strict=True))


def percentile(values: Sequence[float], part: int) -> float:
    """Return the least value that `part` percent of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * part // 100) - 1)]
