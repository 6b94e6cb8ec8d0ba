"""The numbers of the process.

A family goes by its name: asking for the same name again returns the same family, so that numbers outlive a reload of
the configuration.
"""

import platform
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar, cast

from fedresolver import __version__
from fedresolver.observe.family import Counter, Family, Gauge, Histogram, Series

__all__ = ("Counter", "Gauge", "Histogram", "Metrics", "Series")
NAMESPACE = "fedresolver_"
F = TypeVar("F", bound=Family)
P = TypeVar("P")


class Metrics:
    """All the families of one process; hand it around, there is no global one."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}
        self._readers: tuple[Callable[[], None], ...] = ()
        self._parts: dict[Hashable, object] = {}
        build = self.gauge("fedresolver_build_info", "What runs here; always 1.", ("version", "python"))
        build.set(1, __version__, platform.python_version())

    def counter(self, name: str, text: str, labels: Iterable[str] = ()) -> Counter:
        """Return the counter `name`, which ends in `_total`; ValueError when the name has another shape already."""
        return self._known(Counter(name, text, tuple(labels)))

    def gauge(self, name: str, text: str, labels: Iterable[str] = (), *, read: bool = False) -> Gauge:
        """Return the gauge `name`; ValueError when the name has another shape already.

        The numbers of one that is `read` are those that readers set for the scrape, and no older ones.
        """
        return self._known(Gauge(name, text, tuple(labels), read=read))

    def histogram(self, name: str, text: str, labels: Iterable[str] = (), buckets: Iterable[float] = ()) -> Histogram:
        """Return the histogram `name`, which ends in its unit; ValueError when it has another shape already."""
        return self._known(Histogram(name, text, tuple(labels), tuple(buckets)))

    def _known(self, wanted: F) -> F:
        if not wanted.name.startswith(NAMESPACE):
            raise ValueError(f"{wanted.name} does not begin with {NAMESPACE}")
        known = self._families.setdefault(wanted.name, wanted)
        if not wanted.alike(known):
            raise ValueError(f"{wanted.name} has another kind, other labels or other buckets already")
        return cast("F", known)

    def read_with(self, readers: Iterable[Callable[[], None]]) -> None:
        """Call `readers` before each scrape, to bring families up to date, and those from before no more."""
        self._readers = tuple(readers)

    def part(self, make: "Callable[[Metrics], P]") -> P:
        """Return what `make` made of these metrics the first time: a plugin's numbers, which outlive a reload."""
        if make not in self._parts:
            self._parts[make] = make(self)
        return cast("P", self._parts[make])

    def families(self) -> tuple[Family, ...]:
        """Return all the families, brought up to date."""
        for family in self._families.values():
            if isinstance(family, Gauge) and family.read:
                family.clear()
        for read in self._readers:
            read()
        return tuple(self._families.values())
