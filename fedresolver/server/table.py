"""Answers kept by the octets of their questions, bounded, in two generations.

When the young generation is half of what the table may hold, it becomes the old one and an empty one begins; an entry
that is used again moves to the young one. So nothing is ever searched for to be thrown out, and a flood of questions
that do not repeat costs one insertion each.
"""

from typing import Generic, TypeVar

E = TypeVar("E")
CAPACITY = 65_536


class Table(Generic[E]):
    """A dictionary of at most `capacity` entries; `young` may be read, and only read, by those in a hurry."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._half = max(1, capacity // 2)
        self.young: dict[bytes, E] = {}
        self._old: dict[bytes, E] = {}

    def __len__(self) -> int:
        return len(self.young) + len(self._old)

    def get(self, key: bytes) -> E | None:
        """Return the entry under `key`, and keep it longer; None when there is none (any more)."""
        entry = self.young.get(key)
        if entry is None:
            entry = self._old.pop(key, None)
            if entry is not None:
                self.put(key, entry)
        return entry

    def put(self, key: bytes, entry: E) -> None:
        """Keep an entry, in place of what stood under its key."""
        if len(self.young) >= self._half:
            self._old, self.young = self.young, {}
        self.young[key] = entry

    def clear(self) -> None:
        """Forget every entry."""
        self.young, self._old = {}, {}
