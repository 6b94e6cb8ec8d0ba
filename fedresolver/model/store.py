"""The health cache: events of the members in, the view that answers are made from out.

One writer feeds it, in the event loop; readers see whole tuples, never half an update. A batch of events shows at
once: the shards that it touches are made anew at its end, and whoever keeps answers is told which Services changed.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec

from fedresolver.model.cluster import Cluster
from fedresolver.model.event import Event, Failed, Joined, Left, Put, Removed, Stale, Synced
from fedresolver.model.member import Member, Phase
from fedresolver.model.objects import Service
from fedresolver.model.place import Place
from fedresolver.model.rules import Rules, Select
from fedresolver.model.service import ServiceKey, label, namespace_label
from fedresolver.model.shard import Shard, shard


class Change(msgspec.Struct, frozen=True, gc=False):
    """What a batch changed: the Services by key; `names` is whether one came or went; `world` is everything."""

    keys: frozenset[ServiceKey]
    names: bool
    world: bool


class Store:
    """The federation `name` under `rules`; `changed` is called after each batch that changed anything."""

    def __init__(self, name: str, rules: Rules, changed: Callable[[Change], None]) -> None:
        self._namespace = label(name)
        self._rules = rules
        self._changed = changed
        self._clusters: dict[str, Cluster] = {}
        self._members: dict[str, Member] = {}
        self._shards: dict[ServiceKey, tuple[Shard, ...]] = {}
        self._namespaces: Counter[bytes] = Counter()
        self._starting = True
        self._summary = _Summary.of(self._members, rules.local)
        self._home: Place | None = None

    @property
    def members(self) -> Mapping[str, Member]:
        """Every member by name."""
        return self._members

    @property
    def pending(self) -> tuple[Member, ...]:
        """The members that were never listed and may still come."""
        return self._summary.pending

    @property
    def certain(self) -> bool:
        """Whether every member is listed, or given up, and none is stale: what is not here is nowhere."""
        return self._summary.certain

    @property
    def local(self) -> Member | None:
        """The member we run in; None where there is none (yet)."""
        return self._summary.local

    @property
    def home(self) -> Place | None:
        """Where we are; None where nothing says it."""
        return self._home

    @property
    def places(self) -> frozenset[Place]:
        """Every place where a member is."""
        return self._summary.places

    @property
    def keys(self) -> tuple[ServiceKey, ...]:
        """Every Service that is known, in no order."""
        return tuple(self._shards)

    def shards(self, key: ServiceKey) -> tuple[Shard, ...]:
        """Return the shards of a Service in order of the members' names; none where it is known nowhere."""
        return self._shards.get(key, ())

    def has_namespace(self, namespace: bytes) -> bool:
        """Say whether the namespace (a label in wire form) has a federated Service in any member."""
        return namespace in self._namespaces

    def local_shard(self, key: ServiceKey) -> Shard | None:
        """Return a Service of the local member, whether it is federated or not."""
        cluster = self._clusters.get(self._rules.local)
        return None if cluster is None else self._offer(self._rules.local, cluster, key)

    def local_namespace(self, namespace: bytes) -> bool:
        """Say whether the local member has the namespace: as an object, or by any Service in it."""
        cluster = self._clusters.get(self._rules.local)
        return cluster is not None and cluster.has_namespace(namespace)

    def started(self) -> None:
        """Take note that every member of the start is known: one that joins later is never waited for."""
        self._starting = False

    def give_up_waiting(self) -> None:
        """Count the members that were never listed as expired, until they are (`startup_timeout`)."""
        self._starting = False
        for member in self.pending:
            self._set(member, phase=Phase.EXPIRED)
        self._publish(set(), world=True)

    def feed(self, events: Sequence[Event]) -> None:
        """Take in a batch of events: all of it shows at once."""
        before = self._world()
        touched: set[tuple[str, ServiceKey]] = set()
        for event in events:
            touched.update((event.member, key) for key in self._take(event))
        for name in {event.member for event in events}:
            self._place(name)
        self._publish(touched, world=self._world() != before or self._collides(touched))

    def _take(self, event: Event) -> Sequence[ServiceKey]:
        """Take in one event; return the Services whose shard in that member may have changed."""
        if not isinstance(event, Joined | Left) and event.member not in self._clusters:
            return ()
        match event:
            case Put():
                return tuple(self._clusters[event.member].put(event.thing))
            case Removed():
                return tuple(self._clusters[event.member].remove(event.ref))
            case Joined():
                return self._join(event.member)
            case Left():
                return self._leave(event.member)
            case Synced():
                self._set(self._members[event.member], phase=Phase.SYNCED, failed="", since=0.0)
            case Stale():
                self._set(self._members[event.member], phase=self._quiet(event.member), since=event.since)
            case Failed():
                self._set(self._members[event.member], failed=event.why)
        return ()

    def _join(self, name: str) -> tuple[ServiceKey, ...]:
        if name in self._clusters:
            return ()
        self._clusters[name] = Cluster()
        phase = Phase.PENDING if self._starting else Phase.EXPIRED
        self._members[name] = Member(name=name, phase=phase)
        return ()

    def _leave(self, name: str) -> tuple[ServiceKey, ...]:
        cluster = self._clusters.pop(name, None)
        self._members.pop(name, None)
        return tuple(cluster.services) if cluster is not None else ()

    def _quiet(self, name: str) -> Phase:
        """Return the phase of a member that went quiet: one that was never listed is not stale, it is missing."""
        phase = self._members[name].phase
        return Phase.STALE if phase is Phase.SYNCED else phase

    def _set(self, member: Member, **values: object) -> None:
        self._members[member.name] = msgspec.structs.replace(member, **values)

    def _place(self, name: str) -> None:
        """Work out anew where a member is: the configuration, else its Nodes."""
        member, cluster = self._members.get(name), self._clusters.get(name)
        if member is None or cluster is None:
            return
        configured = self._rules.places.get(name)
        places = cluster.places() if configured is None else configured
        if places != member.places or member.configured != (configured is not None):
            self._set(member, places=places, configured=configured is not None)

    def _world(self) -> tuple[object, ...]:
        """Return what every answer may depend on, to be compared."""
        return tuple(self._members.values()), self._find_home(), self.local_namespace(self._namespace)

    def _collides(self, touched: set[tuple[str, ServiceKey]]) -> bool:
        """Say whether a Service of a local namespace called like the federation may have changed.

        What stands there comes before the names of all the federation's Services.
        """
        local, namespace = self._rules.local, self._namespace
        return any(member == local and namespace_label(key) == namespace for member, key in touched)

    def _find_home(self) -> Place | None:
        local, cluster = self._members.get(self._rules.local), self._clusters.get(self._rules.local)
        if local is None or cluster is None:
            return None
        node = cluster.place_of(self._rules.node)
        if node is not None and (node in local.places or not local.configured):
            return node
        return local.places[0] if local.places else None

    def _publish(self, touched: set[tuple[str, ServiceKey]], *, world: bool) -> None:
        if world:
            self._summary = _Summary.of(self._members, self._rules.local)
            self._home = self._find_home()
        names = [self._update(member, key) for member, key in touched]
        if touched or world:
            self._changed(Change(frozenset(key for _, key in touched), any(names), world))

    def _update(self, name: str, key: ServiceKey) -> bool:
        """Make the shard of `key` in one member anew; say whether the Service came or went by that."""
        former = self._shards.get(key, ())
        others = tuple(one for one in former if one.member != name)
        offer = self._federated(name, key)
        now = others if offer is None else tuple(sorted((*others, offer), key=lambda one: one.member))
        if now:
            self._shards[key] = now
        else:
            self._shards.pop(key, None)
        self._count(namespace_label(key), bool(now) - bool(former))
        return bool(now) != bool(former)

    def _count(self, namespace: bytes, step: int) -> None:
        if step:
            self._namespaces[namespace] += step
            if not self._namespaces[namespace]:
                del self._namespaces[namespace]

    def _federated(self, name: str, key: ServiceKey) -> Shard | None:
        cluster = self._clusters.get(name)
        service = cluster.services.get(key) if cluster is not None else None
        if cluster is None or service is None:
            return None
        selected = self._rules.may_speak(name, service.namespace) and self._selected(cluster, key, service)
        return self._offer(name, cluster, key) if selected else None

    def _selected(self, cluster: Cluster, key: ServiceKey, service: Service) -> bool:
        match self._rules.select:
            case Select.ALL:
                return True
            case Select.LABELS:
                return self._rules.selector is not None and self._rules.selector.matches(service.labels)
            case Select.EXPORTED:
                return cluster.exports(key)

    def _offer(self, name: str, cluster: Cluster, key: ServiceKey) -> Shard | None:
        service = cluster.services.get(key)
        return None if service is None else shard(name, service, cluster.slices(key), self._rules.believes)


class _Summary(msgspec.Struct, frozen=True):
    """What is read of the members at each question, worked out when they change."""

    pending: tuple[Member, ...]
    certain: bool
    local: Member | None
    places: frozenset[Place]

    @staticmethod
    def of(members: Mapping[str, Member], local: str) -> "_Summary":
        return _Summary(
            tuple(member for member in members.values() if member.phase is Phase.PENDING),
            all(member.phase in (Phase.SYNCED, Phase.EXPIRED) for member in members.values()),
            members.get(local),
            frozenset(place for member in members.values() for place in member.places),
        )
