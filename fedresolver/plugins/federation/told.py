"""What the federations of a server block tell of themselves: members, Services, and why a name has its answer."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from ipaddress import ip_address

import msgspec

from fedresolver.chain.handler import Handler, refuse, request_of_ours
from fedresolver.model.member import Member, Phase
from fedresolver.model.past import Past
from fedresolver.model.service import ServiceKey, key_text
from fedresolver.model.shard import Shard
from fedresolver.model.view import View
from fedresolver.plugins.federation.handler import FederationHandler, Served
from fedresolver.plugins.federation.live import Imagined, Live
from fedresolver.plugins.federation.running import RunningFederation
from fedresolver.plugins.federation.telling import transitions
from fedresolver.status.directory import UnknownError, Why
from fedresolver.status.documents import (
    Cluster,
    Difference,
    Explanation,
    Federation,
    KindRead,
    Service,
    ShardOf,
    Snapshot,
    Transition,
)
from fedresolver.status.elsewhere import told
from fedresolver.walk.level import EVERYWHERE, Level, named, upwards
from fedresolver.walk.outcome import Hit, Local, Walk
from fedresolver.walk.qname import OfService, before, public
from fedresolver.walk.reason import text
from fedresolver.walk.story import Finding, steps
from fedresolver.walk.supposed import Change, Supposed
from fedresolver.walk.walk import walk_from, walk_inside
from fedresolver.watch.cluster.reading import Reading
from fedresolver.watch.snapshot.unit import Snapshot as KeptFile
from fedresolver.wire.name import Name, parents, starts, to_text
from fedresolver.wire.query import question

Zones = Callable[[Sequence[Live]], Mapping[Name, Served]]
"""Makes the zones of federations, as they are or as they are imagined, by their names."""
_STATUS = {Phase.SYNCED: "Ready", Phase.STALE: "Stale", Phase.EXPIRED: "Expired", Phase.PENDING: "NotListed"}
_VERSION_SECONDS = 2.0


class FederationsTold:
    """The federations `runnings` of a server block; `zones` makes theirs, `wall` is the time of day.

    `handler` is the one that answers their names, `outside` where chains leave their zones.
    """

    def __init__(self, runnings: Sequence[RunningFederation], zones: Zones, wall: Callable[[], float]) -> None:
        self._runnings = tuple(runnings)
        self._make = zones
        self._wall = wall
        self._apexes = frozenset(zones(runnings))
        self.handler: Handler = refuse
        self.outside: Handler = refuse

    async def ask_versions(self) -> None:
        """Have the members asked for their versions that never were."""
        for running in self._runnings:
            await running.ask_versions(_VERSION_SECONDS)

    def federations(self) -> Iterator[Federation]:
        """Yield the federations themselves."""
        return (_federation(running, self._wall()) for running in self._runnings)

    def clusters(self) -> Iterator[Cluster]:
        """Yield the member clusters."""
        for running in self._runnings:
            readings = running.readings()
            for member in running.store.members.values():
                yield _cluster(running, member, readings.get(member.name))

    def services(self, after: str, having: str = "") -> Iterator[Service]:
        """Yield in order the Services whose `federation/namespace/name` comes after `after` and has `having` in it."""
        for running in sorted(self._runnings, key=lambda one: one.settings.federation.name):
            name = running.settings.federation.name
            keys = sorted((f"{name}/{key_text(key)}", key) for key in running.store.keys)
            for called, key in keys:
                if called > after and having in called and running.store.shards(key):  # it may go meanwhile
                    yield _service(running, key)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the federations."""
        return tuple(running.settings.federation.name for running in self._runnings)

    @property
    def begins(self) -> float:
        """From when on all that has changed is known, in seconds since the epoch."""
        return max(running.chronicle.journal.begins + self._ahead(running) for running in self._runnings)

    def transitions(self, federation: str, number: int) -> Iterator[Transition]:
        """Yield what has changed in a federation, from the transition with this number on."""
        for running in self._runnings:
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
        clock = self._runnings[0].clock()
        apex = next(parent for parent in parents(why.qname) if parent in self._apexes)
        reply = await handler(request_of_ours(question(why.qname, why.qtype), apex, clock))
        found = told(why, reply, wall)
        for running in runnings:
            asked = _asked(running, why.qname, apex)
            if asked is not None:
                return _with_steps(found, running, *asked)
        return found

    def simulate(self, changes: tuple[Change, ...]) -> Iterator[Difference | None]:
        """Yield for each name that there is how its answer would change, None where it would not."""
        for change in changes:
            self._check_member(getattr(change, "member", ""))
        for running in self._runnings:
            then = Supposed(running.store, changes, now=running.clock())
            for key in running.store.keys:
                for name, start in _names(running, key):
                    yield _difference(name, _walk(start, key, running.store), _walk(start, key, then))

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
        return datetime.fromtimestamp(self._wall() + ago).astimezone().isoformat(" ", "seconds")

    def _check_member(self, name: str) -> None:
        there = sorted({member for running in self._runnings for member in running.store.members})
        if name and name not in there:
            raise UnknownError(f"there is no member {name}; there are: {', '.join(there) or 'none'}")


Start = Level | None
"""Where a walk begins; None for the local shard."""


def _asked(running: Live, qname: Name, apex: Name) -> tuple[ServiceKey, Start] | None:
    """Return the Service that a name of a federation is of, and where its walk begins; None for other names."""
    federation = running.settings.federation
    labels = starts(qname)
    cut = len(labels) - len(starts(apex))
    if apex in (federation.inside, federation.bare):
        shape = before(qname, labels, cut)
        return (shape.key, None) if isinstance(shape, OfService) else None
    if apex != federation.domain:
        return None
    asked = public(qname, labels, cut)
    level = named(asked.place, running.store.places)
    if asked.federation != federation.label or level is None or not isinstance(asked.shape, OfService):
        return None
    return asked.shape.key, level


def _walk(start: Start, key: ServiceKey, view: View) -> Walk:
    return walk_inside(key, view) if start is None else walk_from(start, key, view)


def _with_steps(found: Explanation, running: Live, key: ServiceKey, start: Start) -> Explanation:
    walk, view = _walk(start, key, running.store), running.store
    local = view.local if start is None else None
    return Explanation(
        **{name: getattr(found, name) for name in found.__struct_fields__}
        | {
            "text": text(walk, running.clock()),
            "federation": running.settings.federation.name,
            "service": key_text(key),
            "member": "" if local is None else local.name,
            "level": _level(walk),
            "steps": steps(walk, key, view, running.clock()),
        }
    )


def _level(walk: Walk) -> str:
    """Return the part of the federation that answers, `nowhere` if none does."""
    match walk.outcome:
        case Local():
            return "local"
        case Hit(level=level):
            return level.text()
        case _:
            return "nowhere"


def _federation(running: RunningFederation, wall: float) -> Federation:
    federation = running.settings.federation
    return Federation(
        name=federation.name,
        inside=to_text(federation.inside),
        bare=to_text(federation.bare),
        domain=to_text(federation.domain),
        local=running.settings.rules.local,
        snapshot=None if running.snapshot is None else _snapshot(running.snapshot, wall),
    )


def _snapshot(unit: KeptFile, wall: float) -> Snapshot:
    return Snapshot(
        path=os.path.abspath(unit.path),
        written=None if unit.written_at is None else wall - unit.written_at,
        waiting=unit.waiting,
        why=unit.why,
    )


def _cluster(running: RunningFederation, member: Member, reading: Reading | None) -> Cluster:
    local = running.store.local
    given = Reading("", 0.0 if member.phase is Phase.SYNCED else None) if reading is None else reading
    unlisted = not member.known and member.phase is Phase.EXPIRED
    return Cluster(
        name=member.name,
        federation=running.settings.federation.name,
        status="NotListed" if unlisted else _STATUS[member.phase],
        version=given.version,
        age=running.age(member.name),
        regions=tuple(dict.fromkeys(place.region for place in member.places)),
        zones=tuple(dict.fromkeys(place.topology_zone for place in member.places if place.topology_zone)),
        shards=running.store.count(member.name),
        local=local is not None and local.name == member.name,
        source="manifests" if reading is None else "API server",
        heard=running.clock() - member.since if member.since is not None else given.heard,
        phase=given.phase,
        why=given.why or member.failed,
        next=given.next,
        kinds=tuple(msgspec.convert(kind, KindRead, from_attributes=True) for kind in given.kinds),
        skew=given.skew,
    )


def _service(running: RunningFederation, key: ServiceKey) -> Service:
    store = running.store
    everywhere = steps(walk_from(EVERYWHERE, key, store), key, store, running.clock())
    findings = {finding.member: finding for step in everywhere for finding in step.shards}
    shards = store.shards(key)
    namespace, _, name = key_text(key).partition("/")
    federation = running.settings.federation
    names = (Name(key + federation.inside), federation.public_name(key, EVERYWHERE))
    return Service(
        name=name,
        namespace=namespace,
        federation=running.settings.federation.name,
        healthy=sum(findings[shard.member].healthy for shard in shards),
        answered=_level(walk_inside(key, store)),
        names=tuple(map(to_text, names)),
        shards=tuple(_shard(shard, findings[shard.member], store.left_out(shard.member, key)) for shard in shards),
    )


def _names(running: RunningFederation, key: ServiceKey) -> Iterator[tuple[str, Start]]:
    """Yield the names of a Service and where their walks begin: the pod's, then the public ones."""
    federation, places = running.settings.federation, sorted(running.store.places)
    yield to_text(Name(key + federation.inside)), None
    levels: dict[Level, None] = {}
    for place in places:
        levels |= dict.fromkeys(upwards(Level(place.region, place.topology_zone), places))
    for level in (*levels, EVERYWHERE) if EVERYWHERE not in levels else levels:
        yield to_text(federation.public_name(key, level)), level


def _difference(name: str, now: Walk, then: Walk) -> Difference | None:
    before_, after = _addresses(now), _addresses(then)
    if (before_, _level(now)) == (after, _level(then)):
        return None
    return Difference(name=name, before=before_, after=after, level_before=_level(now), level_after=_level(then))


def _addresses(walk: Walk) -> tuple[str, ...]:
    """Return what a walk answers with, in order."""
    match walk.outcome:
        case Local(shard=shard):
            packed = shard.cluster_ips or tuple(address for one in shard.targets for address in one.addresses)
        case Hit(shards=shards):
            packed = tuple(address for shard in shards for address in shard.balancer.addresses)
        case _:
            packed = ()
    return tuple(sorted(str(ip_address(address)) for address in frozenset(packed)))


def _shard(shard: Shard, finding: Finding, left_out: tuple[bytes, ...]) -> ShardOf:
    return ShardOf(
        member=shard.member,
        state=finding.rule,
        healthy=finding.healthy,
        ready=shard.ready,
        total=shard.total,
        addresses=finding.addresses,
        left_out=tuple(sorted(str(ip_address(address)) for address in frozenset(left_out))),
    )
