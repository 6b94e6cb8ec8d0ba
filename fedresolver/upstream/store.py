"""Entries of one kind: so many, each until it leaves."""

from collections.abc import Callable

from cachetools import TLRUCache

from fedresolver.upstream.entry import Entry, Key
from fedresolver.upstream.lifetime import Kind


class Store(TLRUCache[Key, Entry]):
    """A cache that weighs its entries; those that go for want of room end at once, and `evicted` is told."""

    def __init__(self, capacity: int, clock: Callable[[], float], evicted: Callable[[Kind], None]) -> None:
        super().__init__(capacity, _leaves, clock, _weight)
        self._evicted = evicted

    def find(self, key: Key) -> Entry | None:
        """Return the entry under `key`, and keep it longer; None when there is none, or its time is over."""
        if key not in self:
            return None
        try:
            return self[key]
        except KeyError:  # its time came in between
            return None

    def popitem(self) -> tuple[Key, Entry]:
        """Remove and return the entry that was not used for the longest time; KeyError when there is none."""
        key, entry = super().popitem()
        entry.cell[0] = False
        self._evicted(entry.kind)
        return key, entry


def _leaves(key: Key, entry: Entry, now: float) -> float:
    return entry.leaves


def _weight(entry: Entry) -> int:
    return entry.weight
