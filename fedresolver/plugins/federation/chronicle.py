"""Keeps the journal of a federation: what it is told of is looked at before and after."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from fedresolver.model.event import Event, Resolved
from fedresolver.model.journal import Journal, OfHome, OfMember, OfShards
from fedresolver.model.member import Member
from fedresolver.model.service import ServiceKey
from fedresolver.model.shard import Shard
from fedresolver.model.store import Store, is_of_service


class Chronicle:
    """Notes in a journal what becomes of the members and shards of `store`; `clock` is monotonic, in seconds."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self.journal = Journal(clock())

    @contextmanager
    def told(self, events: Sequence[Event]) -> Iterator[None]:
        """Note what changes by the events that the store is told of in the `with` body.

        What members tell before they are listed for the first time is no change: it shows when they are.
        """
        home = self._store.home
        members = None if all(map(is_of_service, events)) else dict(self._store.members)
        shards = self._shards(key for event in events for key in self._store.touched(event))
        yield
        if members is not None:
            self._note_members(members)
            if self._store.home != home:
                self.journal.add(OfHome(self._clock(), home, self._store.home))
        self._note(shards)

    @contextmanager
    def resolved(self, batch: Iterable[Resolved]) -> Iterator[None]:
        """Note what changes by what the store is told of host names in the `with` body."""
        shards = self._shards(key for one in batch for key in self._store.named_by(one.hostname))
        yield
        self._note(shards)

    def _shards(self, keys: Iterable[ServiceKey]) -> dict[ServiceKey, tuple[Shard, ...]]:
        return {key: self._store.shards(key) for key in keys}

    def _note(self, former: Mapping[ServiceKey, tuple[Shard, ...]]) -> None:
        for key, before in former.items():
            after = self._store.shards(key)
            if after != before:
                self.journal.add(OfShards(self._clock(), key, before, after))

    def _note_members(self, former: Mapping[str, Member]) -> None:
        now, members = self._clock(), self._store.members
        for name in dict.fromkeys((*former, *members)):
            before, after = former.get(name), members.get(name)
            if before != after:
                self.journal.add(OfMember(now, name, before, after))
