"""A federation that runs: its store, fed by its sources, and the cells of the answers made from it."""

import asyncio
from collections.abc import Callable

from fedresolver.model.member import Phase
from fedresolver.model.store import Change, Store
from fedresolver.plugins.federation.cells import BRIEF_SECONDS, Cells
from fedresolver.plugins.federation.metrics import FederationMetrics
from fedresolver.plugins.federation.notices import Notices
from fedresolver.plugins.federation.settings import Settings
from fedresolver.watch.manifests.source import ManifestFolder


class RunningFederation:
    """The unit behind one `federation` stanza; `clock` is monotonic, in seconds.

    `touched` is called whenever its data has changed: the serials of its zones grow by that. `collides` is whether a
    namespace of the local member is called like the federation.
    """

    def __init__(
        self,
        settings: Settings,
        sources: tuple[ManifestFolder, ...],
        clock: Callable[[], float],
        metrics: FederationMetrics,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.cells = Cells()
        self.store = Store(settings.federation.name, settings.rules, self._changed)
        self.touched: list[Callable[[], None]] = []
        self._sources = sources
        self._metrics = metrics
        self._notices = Notices(settings.federation, settings.rules.local)
        self._give_up: asyncio.TimerHandle | None = None
        self._tick: asyncio.TimerHandle | None = None
        self.collides = False
        self._started = False

    async def start(self) -> None:
        """Take in what the sources know by now, and all that they tell from now on."""
        for source in self._sources:
            source.subscribe(self.store.feed)
        self.store.started()
        self._notices.look(self.store)
        self._started = True
        loop = asyncio.get_running_loop()
        self._give_up = loop.call_later(self.settings.startup_timeout, self.store.give_up_waiting)
        self._tick = loop.call_later(BRIEF_SECONDS, self._on_tick)

    async def stop(self) -> None:
        """Listen no more."""
        for source in self._sources:
            source.unsubscribe(self.store.feed)
        for timer in (self._give_up, self._tick):
            if timer is not None:
                timer.cancel()

    def missing(self) -> str | None:
        """Return which members keep the federation from having something to answer from."""
        local = self.store.local
        names = [
            member.name for member in self.store.pending if not member.failed or (local and local.name == member.name)
        ]
        return f"federation {self.settings.federation.name}: not listed yet: {', '.join(names)}" if names else None

    def refresh_metrics(self) -> None:
        """Bring the numbers up to date that are read from the store."""
        name = self.settings.federation.name
        self._metrics.services.set(len(self.store.keys), name)
        for phase in Phase:
            count = sum(member.phase is phase for member in self.store.members.values())
            self._metrics.members.set(count, name, phase.value)

    def _changed(self, change: Change) -> None:
        self.cells.drop(change)
        if change.world:
            self._watch_collision()
            if self._started:
                self._notices.look(self.store)
        for touched in self.touched:
            touched()

    def _watch_collision(self) -> None:
        federation = self.settings.federation
        collides = self.store.local_namespace(federation.label)
        if collides and not self.collides:
            self._metrics.collisions.add(federation.name)
        self.collides = collides

    def _on_tick(self) -> None:
        self.cells.tick()
        self._tick = asyncio.get_running_loop().call_later(BRIEF_SECONDS, self._on_tick)
