"""Entries of one kind: so many, each until it leaves."""

from collections.abc import Callable
from contextlib import suppress

from cachetools import TLRUCache

from fedresolver.upstream.entry import Entry, Key
from fedresolver.upstream.lifetime import Kind


class Store(TLRUCache[Key, Entry]):
    """A cache that weighs its entries; those that go for want of room end at once, and `evicted` is told.

    Several of them share an `index`, in which an entry is found by one look-up, whichever of them has it.
    """

    def __init__(
        self, capacity: int, clock: Callable[[], float], index: dict[Key, Entry], evicted: Callable[[Kind], None]
    ) -> None:
        super().__init__(capacity, _leaves, clock, _weight)
        self._index = index
        self._evicted = evicted

    def put(self, entry: Entry) -> None:
        """Keep an entry; none of the stores has one under its key that has not left."""
        self[entry.key] = entry
        self._index[entry.key] = entry

    def use(self, entry: Entry) -> None:
        """Make an entry the last to go."""
        with suppress(KeyError):  # it may have left meanwhile
            _ = self[entry.key]

    def remove(self, entry: Entry) -> None:
        """End an entry, for something else is known."""
        entry.cell[0] = False
        with suppress(KeyError):
            del self[entry.key]
        self._forget(entry)

    def popitem(self) -> tuple[Key, Entry]:
        """Remove and return the entry that was not used for the longest time; KeyError when there is none."""
        key, entry = super().popitem()
        self._forget(entry)
        entry.cell[0] = False
        self._evicted(entry.kind)
        return key, entry

    def expire(self, time: float | None = None) -> list[tuple[Key, Entry]]:
        """Remove and return what has left by `time`, which is now by default."""
        expired = super().expire(time)
        for _, entry in expired:
            self._forget(entry)
        return expired

    def _forget(self, entry: Entry) -> None:
        if self._index.get(entry.key) is entry:  # else another store has a later one
            del self._index[entry.key]


def _leaves(key: Key, entry: Entry, now: float) -> float:
    return entry.leaves


def _weight(entry: Entry) -> int:
    return entry.weight
