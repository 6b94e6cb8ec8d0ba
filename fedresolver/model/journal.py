"""What has changed of members and shards, and when: bounded, so that the past can be told as far as it is known.

An entry holds what was before it. So the state at a moment is what the first entry after that moment says was before,
and what has no such entry is as it is now.
"""

from collections import deque
from collections.abc import Iterator

import msgspec

from fedresolver.model.member import Member
from fedresolver.model.place import Place
from fedresolver.model.service import ServiceKey
from fedresolver.model.shard import Shard

MOST_OCTETS = 1 << 20
_ENTRY, _SHARD = 256, 320
"""Octets that an entry takes, and each shard in it, about; what stands in several entries is counted in each."""


class OfShards(msgspec.Struct, frozen=True, gc=False):
    """The shards of a Service became others at `at`, in seconds of the monotonic clock."""

    at: float
    key: ServiceKey
    before: tuple[Shard, ...]
    after: tuple[Shard, ...]

    @property
    def octets(self) -> int:
        """How much of the journal it takes."""
        return _ENTRY + _SHARD * (len(self.before) + len(self.after))


class OfMember(msgspec.Struct, frozen=True, gc=False):
    """A member became another at `at`; None before it joined and after it left."""

    at: float
    name: str
    before: Member | None
    after: Member | None

    @property
    def octets(self) -> int:
        """How much of the journal it takes."""
        return 2 * _ENTRY


class OfHome(msgspec.Struct, frozen=True, gc=False):
    """We were taken to be somewhere else from `at` on."""

    at: float
    before: Place | None
    after: Place | None

    @property
    def octets(self) -> int:
        """How much of the journal it takes."""
        return _ENTRY


Entry = OfShards | OfMember | OfHome


class Journal:
    """The entries of one federation, the oldest first; `begins` is the moment from which on all are known."""

    def __init__(self, now: float, most: int = MOST_OCTETS) -> None:
        self._most = most
        self._entries: deque[Entry] = deque()
        self._octets = 0
        self._dropped = 0
        self.begins = now

    def add(self, entry: Entry) -> None:
        """Take note of what has changed; what is too old for the room is forgotten."""
        self._entries.append(entry)
        self._octets += entry.octets
        while self._octets > self._most:
            oldest = self._entries.popleft()
            self._octets -= oldest.octets
            self._dropped += 1
            self.begins = oldest.at

    def since(self, number: int) -> Iterator[tuple[int, Entry]]:
        """Yield the entries from a number on, with their numbers."""
        for place in range(max(0, number - self._dropped), len(self._entries)):
            yield self._dropped + place, self._entries[place]

    def after(self, at: float) -> tuple[Entry, ...]:
        """Return what has changed after a moment."""
        found: list[Entry] = []
        for entry in reversed(self._entries):
            if entry.at <= at:
                break
            found.append(entry)
        return tuple(reversed(found))
