"""Entries of one kind: so many, and those that were not used for the longest time go first."""

from collections.abc import Callable
from contextlib import suppress

from cachetools import LRUCache

from fedresolver.upstream.memory.entry import Entry, Key
from fedresolver.upstream.memory.lifetime import Kind


class Store(LRUCache[Key, Entry]):
    """A cache that weighs its entries; `evicted` is told of those that go for want of room before they have left.

    They are no less right for that: where the server's fast path has them they last until their end. Entries that have
    left stay until their room or their key is wanted. Several stores share an `index`, which has just what is in them:
    an entry is found by one look-up, whichever has it.
    """

    def __init__(
        self, capacity: int, clock: Callable[[], float], index: dict[Key, Entry], evicted: Callable[[Kind], None]
    ) -> None:
        super().__init__(capacity, _weight)
        self._clock = clock
        self._index = index
        self._evicted = evicted

    def put(self, entry: Entry) -> None:
        """Keep an entry; no store may have one under its key, not even one that has left."""
        self[entry.key] = entry
        self._index[entry.key] = entry

    def use(self, entry: Entry) -> None:
        """Make an entry the last to go."""
        with suppress(KeyError):  # it may have gone meanwhile
            _ = self[entry.key]

    def remove(self, entry: Entry) -> None:
        """End an entry that is kept here, for something else is known."""
        entry.cell[0] = False
        del self[entry.key]

    def popitem(self) -> tuple[Key, Entry]:
        """Remove and return the entry that was not used for the longest time; KeyError when there is none."""
        key, entry = super().popitem()
        if self._clock() < entry.leaves:
            self._evicted(entry.kind)
        return key, entry

    def __delitem__(self, key: Key) -> None:
        super().__delitem__(key)
        del self._index[key]


def _weight(entry: Entry) -> int:
    return entry.weight
