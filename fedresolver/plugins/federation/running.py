"""A federation that runs: its store, fed by its sources, and the cells of the answers made from it."""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

from fedresolver.authority.zones import Source as Zone  # noqa: TC001  (said of an attribute, as ruff does not see)
from fedresolver.model.event import Event, Joined, Left, Resolved
from fedresolver.model.member import Phase
from fedresolver.model.pulse import Terms
from fedresolver.model.store import Change, Store
from fedresolver.plugins.federation.cells import BRIEF_SECONDS, Cells
from fedresolver.plugins.federation.chronicle import Chronicle
from fedresolver.plugins.federation.doors import Doors
from fedresolver.plugins.federation.left_out import LeftOut
from fedresolver.plugins.federation.metrics import FederationMetrics
from fedresolver.plugins.federation.notices import Notices
from fedresolver.plugins.federation.serial import Serial  # noqa: TC001  (said of an attribute, as ruff does not see)
from fedresolver.plugins.federation.settings import Settings
from fedresolver.plugins.federation.sources import Source, Sources
from fedresolver.plugins.federation.vigil import Vigil
from fedresolver.watch.cluster.reading import Reading
from fedresolver.watch.snapshot.unit import Snapshot
from fedresolver.wire.name import Name  # noqa: TC001  (as above)

_log = logging.getLogger("fedresolver.federation")


class RunningFederation:
    """The unit behind one `federation` stanza; `clock` is monotonic, in seconds.

    `serials` are those of its own zones, which grow whenever its data has changed; `shared` is that of the public
    domain, for which the `followers` care, who are told of every change. `files` are zone files, and copies of others'
    zones, that stand beside them. `collides` is whether a namespace of the local member is called like the federation.
    """

    def __init__(
        self, settings: Settings, sources: Sources, clock: Callable[[], float], metrics: FederationMetrics
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.cells = Cells()
        self.hostnames = sources.hostnames
        self.store = Store(settings.federation.name, settings.rules, self._changed, self._named)
        self.chronicle = Chronicle(self.store, clock)
        self.serials: tuple[Serial, ...] = ()
        self.files: Mapping[Name, Zone] = {}
        self.shared: tuple[Serial, ...] = ()
        self.followers: list[Callable[[Change], None]] = []
        self._told: tuple[int, ...] = ()
        self._sources = sources
        self._owners: dict[str, Source] = {}
        self._joined: dict[str, float] = {}
        self._sinks = tuple(partial(self._feed, source) for source in sources.all)
        local = settings.rules.local
        self._vigil = Vigil(self, sources, Terms(settings.stale_after, settings.expire_after), local, clock)
        self._doors = Doors(sources.prober, self.store, local)
        self._left_out = LeftOut(settings.federation.name, settings.rules, metrics.left_out)
        self._metrics = metrics
        self._notices = Notices(settings.federation, settings.rules)
        self._give_up: asyncio.TimerHandle | None = None
        self._tick: asyncio.TimerHandle | None = None
        self.collides = False
        self._started = False

    async def start(self) -> None:
        """Take in what the sources know by now, and all that they tell from now on."""
        memory = self._sources.memory
        if memory.used:  # after a reload nobody is waited for who was not there before
            self.store.started()
        memory.used, memory.shared = True, self._sources.folders
        for source, sink in zip(self._sources.all, self._sinks, strict=True):
            source.subscribe(sink)
        self.store.started()
        self.hostnames.attach(self._resolved)
        memory.forget()
        self._notices.look(self.store)
        self._started = True
        self._vigil.start()
        if self._sources.prober is not None:
            self._sources.prober.attach(self.feed, self._vigil.witnessed)
        loop = asyncio.get_running_loop()
        self._give_up = loop.call_later(self.settings.startup_timeout, self.store.give_up_waiting)
        self._tick = loop.call_later(BRIEF_SECONDS, self._on_tick)

    async def stop(self) -> None:
        """Listen no more."""
        for source, sink in zip(self._sources.all, self._sinks, strict=True):
            source.unsubscribe(sink)
        self._vigil.stop()
        self.hostnames.detach(self._resolved)
        self.hostnames.drop(self.store.hostnames)
        if self._sources.prober is not None:
            self._sources.prober.detach(self.feed)
        for timer in (self._give_up, self._tick):
            if timer is not None:
                timer.cancel()

    def has(self, member: str, source: Source) -> bool:
        """Say whether a member is taken from this source: the first that names one has it."""
        return self._owners.get(member) is source

    def _feed(self, source: Source, events: Sequence[Event]) -> None:
        """Take in what a source tells of members that are its own."""
        ours: list[Event] = []
        left: list[str] = []
        for event in events:
            if isinstance(event, Joined) and self._owners.setdefault(event.member, source) is not source:
                _log.warning("member %s is there twice: the second is left out", event.member)
            if not self.has(event.member, source):
                continue
            ours.append(event)
            if isinstance(event, Joined):
                self._joined.setdefault(event.member, self.clock())
            if isinstance(event, Left):
                del self._owners[event.member], self._joined[event.member]
                left.append(event.member)
        if ours:
            self._left_out.look(ours)
            self.feed(ours)
            if self._sources.is_cluster(source):
                self._doors.take(ours)
        for member in left:
            self._adopt(member, source)

    def _adopt(self, member: str, former: Source) -> None:
        """Take in a member that was left out, for it was there twice, now that the first of them has left."""
        for source in self._sources.all:
            if source is former:
                continue
            told: list[Event] = []
            hear = told.extend
            source.subscribe(hear)
            source.unsubscribe(hear)
            self._feed(source, [event for event in told if event.member == member])

    def feed(self, events: Sequence[Event]) -> None:
        """Tell the store, and note in the journal what changes by that."""
        with self.chronicle.told(events):
            self.store.feed(events)

    def missing(self) -> str | None:
        """Return which members keep the federation from having something to answer from."""
        local = self.store.local
        names = [
            member.name for member in self.store.pending if not member.failed or (local and local.name == member.name)
        ]
        return f"federation {self.settings.federation.name}: not listed yet: {', '.join(names)}" if names else None

    def readings(self) -> dict[str, Reading]:
        """Return how reading each member goes that is an API server."""
        return {
            name: reading
            for cluster in self._sources.clusters
            for name, reading in cluster.readings().items()
            if self.has(name, cluster)
        }

    async def ask_versions(self, seconds: float) -> None:
        """Have the API servers asked for their versions that were not, waiting so long at most."""
        await asyncio.gather(*(cluster.ask_versions(seconds) for cluster in self._sources.clusters))

    @property
    def snapshot(self) -> Snapshot | None:
        """The file that the state is kept in, None where it is not."""
        return self._sources.snapshot

    def age(self, member: str) -> float:
        """Return for how many seconds a member has been one."""
        return self.clock() - self._joined.get(member, self.clock())

    def refresh_metrics(self) -> None:
        """Bring the numbers up to date that are read from the store."""
        name = self.settings.federation.name
        self._metrics.services.set(len(self.store.keys), name)
        for phase in Phase:
            count = sum(member.phase is phase for member in self.store.members.values())
            self._metrics.members.set(count, name, phase.value)
            ours = self.store.local is not None and self.store.local.phase is phase
            self._metrics.remotes.set(count - ours, name, phase.value)
        for member in self.store.members.values():
            self._metrics.phases.set(1, name, member.name, member.phase.value)
        for cluster in self._sources.clusters:
            cluster.refresh_metrics()
        if self._sources.snapshot is not None:
            self._sources.snapshot.refresh_metrics()
        self.hostnames.refresh_metrics()

    def _named(self, come: Mapping[str, str], gone: Collection[str]) -> None:
        self.hostnames.want(come)
        self.hostnames.drop(gone)

    def _resolved(self, batch: Sequence[Resolved]) -> None:
        with self.chronicle.resolved(batch):
            touched = self.store.resolve(batch)
        self._doors.look(touched)
        for resolved in batch:
            self._left_out.look_at(resolved, self.store.owners(resolved.hostname))

    def _changed(self, change: Change) -> None:
        self.cells.drop(change)
        if self._sources.snapshot is not None:
            self._sources.snapshot.touch()
        if change.world:
            self._watch_collision()
            self._doors.turn()
            if self._started:
                self._notices.look(self.store)
        for serial in self.serials:
            serial.touch()
        for follow in tuple(self.followers):
            follow(change)

    def _watch_collision(self) -> None:
        federation = self.settings.federation
        collides = self.store.local_namespace(federation.label)
        if collides and not self.collides:
            self._metrics.collisions.add(federation.name)
        self.collides = collides

    def _serials_of_files(self) -> Iterator[int]:
        """Yield the serial of the zone file that has the SOA of the public domain, if there is one."""
        file = self.files.get(self.settings.federation.domain)
        if file is not None and file.contents is not None:
            yield file.contents.serial

    def _on_tick(self) -> None:
        """End the answers that say what is not so any more: a serial that has grown, somebody's age."""
        values = (*(serial.value for serial in (*self.serials, *self.shared)), *self._serials_of_files())
        if values != self._told or any(member.since is not None for member in self.store.members.values()):
            self._told = values
            self.cells.tick()
        self._tick = asyncio.get_running_loop().call_later(BRIEF_SECONDS, self._on_tick)
