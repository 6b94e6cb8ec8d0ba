"""The vigil over members that are API servers: looks after who is silent, and whether that is their fault or ours."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from fedresolver.model.event import Event
from fedresolver.model.member import Member, Phase
from fedresolver.model.pulse import Pulses, Signs, Terms
from fedresolver.model.store import Store
from fedresolver.plugins.federation.sources import Source, Sources

LOOK_SECONDS = 1.0
_PING_SECONDS = 2.0
_PINGS = 3


class Fed(Protocol):
    """Who is told, and what that has by now."""

    store: Store

    def feed(self, events: Sequence[Event]) -> None:
        """Take in what has become of members."""

    def has(self, member: str, source: Source) -> bool:
        """Say whether a member is taken from this source."""


class Vigil:
    """Tells `fed` who of the members of `sources` has turned stale or expired. `clock` is monotonic, in seconds."""

    def __init__(self, fed: Fed, sources: Sources, terms: Terms, local: str, clock: Callable[[], float]) -> None:
        self._fed = fed
        self._store = fed.store
        self._clusters = sources.clusters
        self._witnesses = sources.witnesses
        self._pulses = Pulses(terms, local, sources.memory.turned)
        self._local = local
        self._clock = clock
        self._timer: asyncio.TimerHandle | None = None
        self._pinged = float("-inf")

    def start(self) -> None:
        """Look now, and again every `LOOK_SECONDS`; without such members nobody needs to."""
        if self._clusters:
            self.look()
            self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self.start)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def look(self) -> None:
        """Take note of who is silent by now."""
        now = self._clock()
        events = self._pulses.look(now, self._store.members, self._signs())
        if events:
            self._fed.feed(events)
        lost = any(member.phase is Phase.STALE for member in self._remote())
        if self._witnesses.wanted is not lost:
            self._witnesses.wanted = lost
        if lost and now - self._pinged >= _PING_SECONDS:
            self._pinged = now
            self._ping()

    def witnessed(self, lost: str) -> bool:
        """Say whether somebody is heard now while the member `lost` is not."""
        return self._pulses.witnessed(lost, self._clock(), self._store.members, self._signs())

    def _signs(self) -> Signs:
        heard: dict[str, float] = {}
        contacts: dict[str, float] = {}
        for cluster in self._clusters:
            heard |= self._ours(cluster, cluster.heard())
            contacts |= self._ours(cluster, cluster.contacts())
        return Signs(heard, contacts, self._witnesses.heard_at)

    def _ours(self, source: Source, times: Mapping[str, float]) -> dict[str, float]:
        """Leave out namesakes of members that are taken from elsewhere."""
        return {name: at for name, at in times.items() if self._fed.has(name, source)}

    def _remote(self) -> list[Member]:
        names = self._signs().heard.keys() - {self._local}
        return [member for name, member in self._store.members.items() if name in names]

    def _ping(self) -> None:
        """Ask those that are heard for a sign, so that they may be witnesses at once."""
        synced = {member.name for member in self._remote() if member.phase is Phase.SYNCED}
        for cluster in self._clusters:
            contacts = self._ours(cluster, cluster.contacts())
            cluster.ping(sorted(synced & contacts.keys(), key=contacts.__getitem__, reverse=True)[:_PINGS])
