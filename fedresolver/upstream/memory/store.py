"""Entries of one kind: so many, and those that were not used for the longest time go first."""

from collections.abc import Callable
from contextlib import suppress

from cachetools import LRUCache

from fedresolver.upstream.memory.entry import Entry, Key
from fedresolver.upstream.memory.lifetime import Kind


class Store(LRUCache[Key, Entry]):
    """A cache that weighs its entries; `evicted` is told of those that go for want of room.

    These are no less right for that: where the server's fast path has them they last until their end. Entries that have
    left stay until their room is wanted: nobody finds them. Several stores share an `index`, in which an entry is found
    by one look-up, whichever of them has it.
    """

    def __init__(
        self, capacity: int, clock: Callable[[], float], index: dict[Key, Entry], evicted: Callable[[Kind], None]
    ) -> None:
        super().__init__(capacity, _weight)
        self._clock = clock
        self._index = index
        self._evicted = evicted

    def put(self, entry: Entry) -> None:
        """Keep an entry; none of the stores has one under its key."""
        self[entry.key] = entry
        self._index[entry.key] = entry

    def use(self, entry: Entry) -> None:
        """Make an entry the last to go."""
        with suppress(KeyError):  # it may have gone meanwhile
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
        if self._clock() < entry.leaves:
            self._evicted(entry.kind)
        return key, entry

    def _forget(self, entry: Entry) -> None:
        if self._index.get(entry.key) is entry:  # else another store has a later one
            del self._index[entry.key]


def _weight(entry: Entry) -> int:
    return entry.weight
