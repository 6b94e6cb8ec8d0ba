"""Members that are API servers, as a source of events: they come, go and change with the file that names them."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from fedresolver.model.event import Event, Left, Sink
from fedresolver.model.objects import Object
from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.cluster.kind import Kind
from fedresolver.watch.cluster.member import ClusterMember
from fedresolver.watch.cluster.reading import Reading
from fedresolver.watch.cluster.roster import Roster, Way
from fedresolver.watch.cluster.surroundings import Surroundings
from fedresolver.watch.memory import Memory
from fedresolver.watch.worker import beside

_POLL = 1.0  # seconds between looks at the file; a look is one stat
_SETTLE = 3.0  # seconds that a reload waits for members which are read in another way now
_MOST_PINGS = 3
_log = logging.getLogger("fedresolver.federation")


class ClusterSource:
    """The members of `roster`; `kinds` says what is read of each. Sinks are called in the event loop."""

    def __init__(
        self, roster: Roster, kinds: Callable[[str], Sequence[Kind]], around: Surroundings, memory: Memory
    ) -> None:
        self._roster = roster
        self._kinds = kinds
        self._around = around
        self._memory = memory
        self._sinks: list[Sink] = []
        self._members: dict[str, ClusterMember] = {}
        self._fingerprints: dict[str, str] = {}
        self._stamp: object = None
        self._complaint = ""
        self._task: asyncio.Task[None] | None = None
        self._leaving: set[ClusterMember] = set()

    async def start(self) -> None:
        """Begin to follow the members; OSError when nothing can be known of them."""
        self._stamp = self._roster.stamp()
        try:
            ways = await beside(self._roster.ways)
        except AccessError as error:
            raise OSError(str(error)) from error
        await self._keep(ways)
        if self._memory.used:
            await self._settle()
        self._memory.add(self)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Follow no more, also after a start that came to nothing."""
        task, self._task = self._task, None
        if task is not None:
            self._memory.drop(self)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await asyncio.gather(*(member.stop() for member in (*self._members.values(), *self._leaving)))

    def subscribe(self, sink: Sink) -> None:
        """Tell `sink` all that is known, a batch per member, and from now on every change."""
        self._sinks.append(sink)
        for member in self._members.values():
            sink(member.replay())

    def unsubscribe(self, sink: Sink) -> None:
        """Tell `sink` nothing more."""
        self._sinks.remove(sink)

    def heard(self) -> dict[str, float]:
        """Return when each member was last known to be as it is held."""
        return {name: member.heard for name, member in self._members.items()}

    def contacts(self) -> dict[str, float]:
        """Return when each member's API server last answered anything."""
        return {name: member.contact for name, member in self._members.items()}

    def readings(self) -> dict[str, Reading]:
        """Return how reading each member goes."""
        return {name: member.reading() for name, member in self._members.items()}

    async def ask_versions(self, seconds: float) -> None:
        """Ask the API servers whose version is not known for it, and wait for them so long at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(member.ask_version() for member in tuple(self._members.values())))

    def objects(self) -> Mapping[str, Sequence[Object]]:
        """Return all that is held of each member that was ever listed, now or before a restart."""
        return {name: member.objects() for name, member in self._members.items() if member.known}

    def ping(self, names: Sequence[str]) -> None:
        """Ask the API servers of some of these members for anything; `contacts` shows who answered."""
        for name in names[:_MOST_PINGS]:
            self._members[name].ping()

    def refresh_metrics(self) -> None:
        """Bring the numbers up to date that are read from here."""
        for member in self._members.values():
            member.refresh_metrics()

    async def _settle(self) -> None:
        """Wait until members that were known have been read anew, or cannot be: the former source answers meanwhile."""
        known = [member.settled.wait() for member in self._members.values() if member.known]
        with suppress(TimeoutError):
            async with asyncio.timeout(_SETTLE):
                await asyncio.gather(*known)

    async def _run(self) -> None:
        """Look for changes, and read what has stood for a moment: who lacks in a file that is cut has not left."""
        before = self._stamp
        while True:
            await asyncio.sleep(_POLL)
            stamp = self._roster.stamp()
            if stamp is not None and stamp == before != self._stamp:
                self._stamp = stamp
                await self._look()
            before = stamp

    async def _look(self) -> None:
        """Read who the members are; what cannot be read changes nothing."""
        try:
            await self._keep(await beside(self._roster.ways))
        except AccessError as error:
            if str(error) != self._complaint:
                self._complaint = str(error)
                _log.error("%s; the members stay as they were", error)
        except Exception as error:  # whatever it is, the file will be read again when it changes
            if repr(error) != self._complaint:
                self._complaint = repr(error)
                _log.exception("the members stay as they were")
        else:
            self._complaint = ""

    async def _keep(self, ways: Mapping[str, Way]) -> None:
        """Let members come and go, and be reached in other ways."""
        for name in [name for name in self._members if name not in ways]:
            await self._let_go(name)
        for name, way in ways.items():
            if name not in self._members:
                self._begin(name, way)
            elif way.fingerprint != self._fingerprints[name]:
                await self._members[name].go_over_to(way.access)
            self._fingerprints[name] = way.fingerprint

    async def _let_go(self, name: str) -> None:
        member = self._members.pop(name)
        del self._fingerprints[name]
        self._leaving.add(member)
        self._tell([Left(name)])
        await member.stop()
        self._leaving.discard(member)
        self._around.metrics.forget(self._around.federation, name)

    def _begin(self, name: str, way: Way) -> None:
        member = ClusterMember(name, way.access, self._kinds(name), self._around, self._tell)
        known = self._memory.recall(name)
        if known is not None:
            member.restore(known)
        self._members[name] = member
        self._tell(member.replay())
        member.start()

    def _tell(self, events: Sequence[Event]) -> None:
        for sink in tuple(self._sinks):
            sink(events)
