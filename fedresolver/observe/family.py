"""Families of numbers, kept as plain integers: counters, gauges, histograms.

Counting is one dictionary update and takes no lock: everything runs on the event loop.
"""

from bisect import bisect_left
from typing import TypeAlias

Labels: TypeAlias = tuple[str, ...]
"""Values of labels, in the order of the names that their family has."""


class Family:
    """What all families have: a name, a help text, names of labels."""

    def __init__(self, name: str, text: str, labels: Labels = ()) -> None:
        self.name = name
        self.text = text
        self.labels = labels

    def alike(self, other: "Family") -> bool:
        """Say whether `other` may stand for this family: the same kind, name and labels."""
        return type(self) is type(other) and (self.name, self.labels) == (other.name, other.labels)

    def checked(self, labels: Labels) -> Labels:
        """Return `labels`; ValueError when they are not as many as the family has."""
        if len(labels) != len(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, not {labels}")
        return labels


class Numbers(Family):
    """A number per combination of label values."""

    def __init__(self, name: str, text: str, labels: Labels = ()) -> None:
        super().__init__(name, text, labels)
        self.values: dict[Labels, float] = {}

    def clear(self, *first: str) -> None:
        """Drop the numbers of which the labels begin so."""
        for labels in [labels for labels in self.values if labels[: len(first)] == first]:
            del self.values[labels]


class Counter(Numbers):
    """A number per combination of label values that only grows."""

    def __init__(self, name: str, text: str, labels: Labels = ()) -> None:
        super().__init__(name, text, labels)
        if not labels:
            self.values[()] = 0

    def add(self, *labels: str, by: float = 1) -> None:
        """Add `by` to the number of `labels`."""
        if labels not in self.values:
            self.values[self.checked(labels)] = 0
        self.values[labels] += by

    def come_to(self, value: float, *labels: str) -> None:
        """Make `value` the number of `labels`, which somebody else counts."""
        self.values[self.checked(labels)] = value

    def value(self, *labels: str) -> float:
        """Return the number of `labels`; 0 when nothing was ever added."""
        return self.values.get(labels, 0)


class Gauge(Numbers):
    """A number per combination of label values that goes up and down.

    `read` is whether each scrape begins without any, and readers set those that there are.
    """

    def __init__(self, name: str, text: str, labels: Labels = (), *, read: bool = False) -> None:
        super().__init__(name, text, labels)
        self.read = read

    def set(self, value: float, *labels: str) -> None:
        """Make `value` the number of `labels`."""
        self.values[self.checked(labels)] = value

    def value(self, *labels: str) -> float | None:
        """Return the number of `labels`, None when it was never set or is removed."""
        return self.values.get(labels)

    def remove(self, *labels: str) -> None:
        """Forget `labels`; what was never set is ignored."""
        self.values.pop(labels, None)


class Series:
    """The numbers of a histogram for one combination of label values."""

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one `value`."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.total += value


class Histogram(Family):
    """How often values fell into each bucket, and their sum, per combination of label values.

    `bounds` are the upper ends of the buckets, rising; a last bucket without an end is added.
    """

    def __init__(self, name: str, text: str, labels: Labels = (), bounds: tuple[float, ...] = ()) -> None:
        super().__init__(name, text, labels)
        self.bounds = bounds
        self._series: dict[Labels, Series] = {}

    @property
    def counts(self) -> dict[Labels, list[int]]:
        """How often values fell into each bucket."""
        return {labels: series.counts for labels, series in self._series.items()}

    @property
    def sums(self) -> dict[Labels, float]:
        """The sums of the values."""
        return {labels: series.total for labels, series in self._series.items()}

    def series(self, *labels: str) -> Series:
        """Return the numbers of `labels`, for those who count often."""
        if labels not in self._series:
            self._series[self.checked(labels)] = Series(self.bounds)
        return self._series[labels]

    def alike(self, other: Family) -> bool:
        """Say whether `other` may stand for this family: the same name, labels and buckets."""
        return super().alike(other) and isinstance(other, Histogram) and self.bounds == other.bounds

    def observe(self, value: float, *labels: str) -> None:
        """Count one `value`."""
        self.series(*labels).observe(value)

    def fill(self, bucket: int, number: int, total: float, *labels: str) -> None:
        """Count `number` values at once that all fall into `bucket`, and that make `total` together."""
        series = self.series(*labels)
        series.counts[bucket] += number
        series.total += total

    def count(self, *labels: str) -> int:
        """Return how many values `labels` got."""
        return sum(self._series[labels].counts) if labels in self._series else 0
