"""What the federations of a server block tell of themselves: members, Services, and why a name has its answer."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import msgspec

from fedresolver.chain.handler import Handler, refuse, request_of_ours
from fedresolver.model.past import Past
from fedresolver.model.service import ServiceKey, key_text
from fedresolver.model.view import View
from fedresolver.plugins.federation.clusters import cluster_of, federation_of
from fedresolver.plugins.federation.differences import differences
from fedresolver.plugins.federation.handler import FederationHandler, Served
from fedresolver.plugins.federation.live import Imagined, Live
from fedresolver.plugins.federation.running import RunningFederation
from fedresolver.plugins.federation.services import service_of
from fedresolver.plugins.federation.transitions import transitions
from fedresolver.plugins.federation.walked import Start, asked_of, reached, walked
from fedresolver.status.directory import UnknownError, Why
from fedresolver.status.documents import (
    Cluster,
    Difference,
    Explanation,
    Federation,
    Service,
    Transition,
)
from fedresolver.status.elsewhere import told
from fedresolver.status.table import moment_text
from fedresolver.walk.reason import text
from fedresolver.walk.story import steps
from fedresolver.walk.supposed import Change, Down, Ready, Supposed
from fedresolver.wire.name import Name, parents
from fedresolver.wire.query import question

Zones = Callable[[Sequence[Live]], Mapping[Name, Served]]
"""Makes the zones of federations, as they are or as they are imagined, by their names."""
_VERSION_SECONDS = 2.0


class FederationsTold:
    """The federations `runnings` of a server block, which has the zones `apexes`.

    `listed` are those of them that no other block lists. `make` makes zones of federations as they are imagined, `wall`
    is the time of day. `handler` is the one that answers their names, `outside` where chains leave their zones.
    """

    def __init__(
        self,
        runnings: Sequence[RunningFederation],
        listed: Sequence[RunningFederation],
        apexes: Collection[Name],
        make: Zones,
        wall: Callable[[], float],
    ) -> None:
        self._runnings = tuple(runnings)
        self._listed = tuple(listed)
        self._make = make
        self._wall = wall
        self._apexes = frozenset(apexes)
        self.handler: Handler = refuse
        self.outside: Handler = refuse

    async def ask_versions(self) -> None:
        """Have the members asked for their versions that never were."""
        for running in self._runnings:
            await running.ask_versions(_VERSION_SECONDS)

    def federations(self) -> Iterator[Federation]:
        """Yield the federations themselves."""
        return (federation_of(running, self._wall()) for running in self._listed)

    def clusters(self) -> Iterator[Cluster]:
        """Yield the member clusters."""
        for running in self._listed:
            readings = running.readings()
            for member in running.store.members.values():
                yield cluster_of(running, member, readings.get(member.name))

    def services(self, after: str, having: str = "") -> Iterator[Service]:
        """Yield in order the Services whose `federation/namespace/name` comes after `after` and has `having` in it."""
        for running in sorted(self._listed, key=lambda one: one.settings.federation.name):
            name = running.settings.federation.name
            keys = sorted((f"{name}/{key_text(key)}", key) for key in running.store.keys)
            for called, key in keys:
                if called > after and having in called and running.store.shards(key):  # it may go meanwhile
                    yield service_of(running, key)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the federations."""
        return tuple(running.settings.federation.name for running in self._listed)

    @property
    def begins(self) -> float:
        """From when on all that has changed is known, in seconds since the epoch."""
        return max(running.chronicle.journal.begins + self._ahead(running) for running in self._runnings)

    def transitions(self, federation: str, number: int) -> Iterator[Transition]:
        """Yield what has changed in a federation, from the transition with this number on."""
        for running in self._listed:
            if running.settings.federation.name == federation:
                members, ahead = running.store.members, self._ahead(running)
                for place, entry in running.chronicle.journal.since(number):
                    yield from transitions(place, entry, federation, members, ahead)

    def _ahead(self, running: RunningFederation) -> float:
        return self._wall() - running.clock()

    def has(self, qname: Name) -> bool:
        """Say whether a name is in zones of these federations."""
        return not self._apexes.isdisjoint(parents(qname))

    async def explain(self, why: Why) -> Explanation:
        """Return why a name of these federations has its answer; UnknownError for a member that is not there."""
        self._check_member(why.member)
        runnings: tuple[Live, ...] = self._runnings
        handler, wall = self.handler, self._wall()
        if why.member or why.changes or why.at is not None:
            at = wall if why.at is None else why.at
            runnings = tuple(self._imagined(one, why, at - wall) for one in self._runnings)
            handler, wall = FederationHandler(self._make(runnings), refuse, self.outside), at
        views = [running.store for running in runnings]
        if absent := next(filter(None, (_absent(change, views) for change in why.changes)), ""):
            raise UnknownError(absent)
        clock = self._runnings[0].clock()
        apex = next(parent for parent in parents(why.qname) if parent in self._apexes)
        reply = await handler(request_of_ours(question(why.qname, why.qtype), apex, clock))
        found = told(why, reply, wall)
        for running in runnings:
            asked = asked_of(running, why.qname, apex)
            if asked is not None:
                return _with_steps(found, running, *asked)
        return found

    def absent(self, change: Change) -> str:
        """Return that what a change is about is not there, and what is; empty where it is there."""
        return _absent(change, [running.store for running in self._runnings])

    def simulate(self, changes: tuple[Change, ...]) -> Iterator[Difference | None]:
        """Yield for each name that there is how its answer would change, None where it would not."""
        for running in self._listed:
            then = Supposed(running.store, changes, now=running.clock())
            for key in sorted(running.store.keys, key=key_text):
                yield from differences(running, key, then)

    def _imagined(self, running: RunningFederation, why: Why, ago: float) -> Imagined:
        """Return a federation as it is to be seen; `ago` are the seconds from now, negative for the past."""
        if why.at is None:
            return Imagined(running, why.changes, why.member)
        journal, now = running.chronicle.journal, running.clock() + ago
        if not journal.begins <= now <= running.clock():
            since = self._text(journal.begins - running.clock())
            raise UnknownError(f"the journal knows nothing of that time; it begins at {since} and ends now")
        view = Past(running.store, journal.after(now), running.settings.rules.local)
        return Imagined(running, why.changes, why.member, (view, now))

    def _text(self, ago: float) -> str:
        """Return the time of day so many seconds from now."""
        return moment_text(self._wall() + ago)

    def _check_member(self, name: str) -> None:
        there = {member for running in self._runnings for member in running.store.members}
        if name and (absent := _missing("member", name, there)):
            raise UnknownError(absent)


def _absent(change: Change, views: Sequence[View]) -> str:
    """Return that what a change is about is in none of `views`: it would change nothing, and look harmless."""
    places = {place for view in views for place in view.places}
    match change:
        case Ready(member=member, key=key):
            had = {shard.member for view in views for shard in view.shards(key)}
            return _missing(f"shard of {key_text(key)} in", member, had)
        case Down(member=member) if member:
            return _missing("member", member, {name for view in views for name in view.members})
        case Down(region=region) if region:
            return _missing("region", region, {place.region for place in places})
        case Down(topology_zone=name):
            return _missing("topology zone", name, {place.topology_zone for place in places if place.topology_zone})


def _missing(kind: str, name: str, there: Collection[str]) -> str:
    return "" if name in there else f"there is no {kind} {name}; there are: {', '.join(sorted(there)) or 'none'}"


def _with_steps(found: Explanation, running: Live, key: ServiceKey, start: Start) -> Explanation:
    walk, view = walked(start, key, running.store), running.store
    local = view.local if start is None else None
    return msgspec.structs.replace(
        found,
        text=text(walk, running.clock()),
        federation=running.settings.federation.name,
        service=key_text(key),
        member="" if local is None else local.name,
        level=reached(walk),
        steps=steps(walk, key, view, running.clock()),
    )
