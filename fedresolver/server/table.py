"""Answers kept by the octets of their questions, bounded in number and size, in two generations.

When the young generation is half of what the table may hold, it becomes the old one and an empty one begins; an entry
that is used again moves to the young one. So nothing is ever searched for to be thrown out, and a flood of questions
that do not repeat costs one insertion each. What is held goes up and down under such a flood, between
half and all of what the table may hold.
"""

from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """An entry, which knows how many octets it stands for."""

    @property
    def size(self) -> int:
        """The octets of the messages that are kept for it."""


E = TypeVar("E", bound=Sized)
CAPACITY = 65_536
OCTETS = 32 * 1024 * 1024


class Table(Generic[E]):
    """A dictionary of at most `capacity` entries, which stand for at most `octets` of messages.

    `young` may be read, and only read, by those in a hurry.
    """

    def __init__(self, capacity: int = CAPACITY, octets: int = OCTETS) -> None:
        self._half = max(1, capacity // 2)
        self._room = octets // 2
        self._used = 0
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
        if len(self.young) >= self._half or self._used >= self._room:
            self._old, self.young, self._used = self.young, {}, 0
        self.young[key] = entry
        self._used += entry.size

    def drop(self, key: bytes) -> None:
        """Forget the entry under `key`, if there is one."""
        entry = self.young.pop(key, None)
        if entry is not None:
            self._used -= entry.size
        self._old.pop(key, None)

    def clear(self) -> None:
        """Forget every entry."""
        self.young, self._old, self._used = {}, {}, 0
