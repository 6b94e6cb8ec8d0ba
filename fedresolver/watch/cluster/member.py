"""One member that is an API server: its kinds of objects, each followed for itself, told as one member."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from fedresolver.model.event import Event, Failed, Joined, Put, Removed, Restored, Synced
from fedresolver.model.objects import Object, Ref
from fedresolver.watch.access.entry import Access
from fedresolver.watch.cluster.connection import Connection
from fedresolver.watch.cluster.kind import Kind
from fedresolver.watch.cluster.reading import Reading, kind_reading, reading
from fedresolver.watch.cluster.surroundings import Surroundings
from fedresolver.watch.cluster.trouble import TroubleError
from fedresolver.watch.cluster.watcher import Watcher

NEVER = float("-inf")
_MOST_FLAWS = 100  # that are told of one member, each a line of the log
_INTERNAL = "internal"
_RESTART = 5.0  # seconds until a watcher that met what nobody foresaw begins anew
_log = logging.getLogger("fedresolver.federation")


class ClusterMember:
    """The member `name`, reached by `access`; `tell` is called in the event loop with what it says.

    `settled` is set once it is listed, or something keeps it from that.
    """

    def __init__(
        self,
        name: str,
        access: Access,
        kinds: Iterable[Kind],
        around: Surroundings,
        tell: Callable[[Sequence[Event]], None],
    ) -> None:
        self.name = name
        self._around = around
        self._tell = tell
        self._connection = Connection(access, around.pace, around.clock)
        self._watchers = tuple(Watcher(kind, self._connection, self, around) for kind in kinds)
        self._known_since: float | None = None
        self.settled = asyncio.Event()
        self._why = ""
        self._met: dict[str, float] = {}
        self._flaws: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._ping: asyncio.Task[None] | None = None

    @property
    def heard(self) -> float:
        """When the member was last known to be as it is held, in seconds of the clock; NEVER when it was not yet."""
        needed = [watcher.at for watcher in self._watchers if not watcher.skipped]
        return min((NEVER if at is None else at for at in needed), default=NEVER)

    @property
    def contact(self) -> float:
        """When the API server last answered anything at all."""
        return self._connection.contact

    @property
    def known(self) -> bool:
        """Whether it was ever listed, now or before a restart."""
        return self._known_since is not None

    @property
    def trouble(self) -> TroubleError | None:
        """What keeps the member from being read, None while nothing does."""
        return None if self._failing is None else self._failing.trouble

    @property
    def _failing(self) -> Watcher | None:
        """What keeps the member from being read."""
        return next((one for one in self._watchers if one.trouble and not one.skipped), None)

    def reading(self) -> Reading:
        """Return how reading it goes."""
        failing = self._failing
        heard = None if self.heard == NEVER else self._around.clock() - self.heard
        trouble = None if failing is None else failing.trouble
        found = reading(self._connection.version, heard, trouble, listed=failing is not None and failing.at is not None)
        kinds = tuple(
            kind_reading(one.kind.name, one.trouble, listed=one.at is not None, optional=one.skipped)
            for one in self._watchers
        )
        return msgspec.structs.replace(found, kinds=kinds, skew=self._skew())

    def _skew(self) -> float | None:
        """Return by how many seconds the clock of the API server is ahead of ours, None where it never said its time.

        A Date has no fractions (RFC 9110 5.6.7): the time that it means is half a second later, on average.
        """
        if self._connection.dated is None:
            return None
        theirs, at = self._connection.dated
        return theirs + 0.5 - (self._around.wall() - (self._around.clock() - at))

    async def ask_version(self) -> None:
        """Ask for the version, unless it is known; errors do not matter."""
        if not self._connection.version:
            await self._connection.ping()

    def objects(self) -> list[Object]:
        """Return all that is held."""
        return [thing for watcher in self._watchers for thing in watcher.feed.holding.objects.values()]

    def restore(self, objects: Iterable[Object]) -> None:
        """Hold what was known of the member at an earlier time; it is stale until it is listed."""
        by_kind: dict[type, list[Object]] = {}
        for thing in objects:
            by_kind.setdefault(type(thing), []).append(thing)
        for watcher in self._watchers:
            watcher.feed.holding.restore(by_kind.get(watcher.kind.kept_as, []))
        self._known_since = self._around.clock()

    def replay(self) -> list[Event]:
        """Return all that is known, for a sink that comes late."""
        events: list[Event] = [Joined(self.name), *(Put(self.name, thing) for thing in self.objects())]
        if self._is_whole():
            events.append(Synced(self.name))
        elif self._known_since is not None:
            events.append(Restored(self.name, self._known_since if self.heard == NEVER else self.heard))
        elif self._why:
            events.append(Failed(self.name, self._why))
        return events

    def start(self) -> None:
        """Begin to follow, in the running event loop."""
        self._tasks = [asyncio.create_task(self._follow(watcher)) for watcher in self._watchers]

    async def stop(self) -> None:
        """Follow no more."""
        tasks = [*self._tasks, *filter(None, [self._ping])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._connection.close()

    async def go_over_to(self, access: Access) -> None:
        """Reach the member by another way from now on; what is known of it stays until it is listed anew there."""
        await self.stop()
        self._connection.access = access
        self.start()

    def ping(self) -> None:
        """Ask the API server for anything, unless that is under way; `contact` shows whether it answered."""
        if self._ping is None or self._ping.done():
            self._ping = asyncio.create_task(self._connection.ping())

    def changed(self, changes: Sequence[Object | Ref]) -> None:
        """Pass on what has changed."""
        name = self.name
        self._around.metrics.events.add(self._around.federation, name, by=len(changes))
        self._tell([Removed(name, one) if isinstance(one, Ref) else Put(name, one) for one in changes])

    def well(self, kind: Kind, *, listed: bool) -> None:
        """Take note that a kind is as it is held; tell that the member is, when all of them are."""
        if listed:
            self._around.metrics.lists.add(self._around.federation, self.name, kind.name)
        if self._is_whole():
            self._why = ""
            if self._known_since is None:
                self._known_since = self._around.clock()
            self._tell([Synced(self.name)])
            self.settled.set()

    def ill(self, kind: Kind, error: TroubleError) -> None:
        """Take note of a request that failed."""
        self.settled.set()
        word = error.trouble.value
        if self._meet(word):
            _log.warning("member %s: %s: %s", self.name, word.replace("_", " "), error)
        if not self._why and self._known_since is None:
            self._why = f"{word}: {error}"
            self._tell([Failed(self.name, self._why)])

    def flawed(self, kind: Kind, flaw: str) -> None:
        """Take note of an object that cannot be believed; each flaw is logged once."""
        self._around.metrics.errors.add(self._around.federation, self.name, "damaged_object")
        if flaw not in self._flaws and len(self._flaws) < _MOST_FLAWS:
            self._flaws.add(flaw)
            _log.error("member %s: %s: %s", self.name, kind.name, flaw)

    def shown(self, changed_at: str) -> None:
        """Take note of how long a change of endpoints took to show."""
        try:
            at = datetime.fromisoformat(changed_at).timestamp()
        except (ValueError, OverflowError, OSError):
            return
        self._around.metrics.programming.observe(max(0.0, self._around.wall() - at), self._around.federation)

    def refresh_metrics(self) -> None:
        """Bring the numbers up to date that are read from here."""
        both = (self._around.federation, self.name)
        for watcher in self._watchers:
            self._around.metrics.objects.set(len(watcher.feed.holding.objects), *both, watcher.kind.name)
        if (trouble := self.trouble) is not None:
            self._around.metrics.trouble.set(1, *both, trouble.trouble.value)
        if (validity := self._connection.validity) is not None:
            self._around.metrics.expiry.set(validity.end, *both)
            if validity.begin is not None:
                self._around.metrics.issued.set(validity.begin, *both)
        since = self.heard if self.heard != NEVER else self._known_since
        if since is not None:
            self._around.metrics.age.set(self._around.clock() - since, *both)

    def _is_whole(self) -> bool:
        return self._around.clock() - self.heard < self._around.pace.stale_after

    def _meet(self, word: str) -> bool:
        """Count a trouble; return whether it is news: each is logged once, until it was not met for a while."""
        now, while_ = self._around.clock(), 2 * self._around.pace.stale_after
        before, self._met[word] = self._met.get(word, NEVER), now
        self._around.metrics.errors.add(self._around.federation, self.name, word)
        return now - before > while_

    async def _follow(self, watcher: Watcher) -> None:
        """Follow a kind, and outlive what nobody foresaw: the other members must not pay for it."""
        while True:
            try:
                await watcher.run()
            except Exception:
                if self._meet(_INTERNAL):
                    _log.exception("member %s: %s: the watch begins anew", self.name, watcher.kind.name)
            await asyncio.sleep(_RESTART)
