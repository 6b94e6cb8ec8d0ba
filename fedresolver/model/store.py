"""The health cache: events of the members in, the view that answers are made from out.

One writer feeds it, in the event loop; readers see whole tuples, never half an update. A batch of events shows at
once: whoever keeps answers is told at its end which Services changed. Shards are made when they are first asked for,
so that a list of thousands costs no more than taking it in. What is told of a member before it is listed is taken in,
too, and shows when it is: by that alone, whatever its size.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec

from fedresolver.model.cluster import Cluster
from fedresolver.model.event import Doubted, Event, Expired, Failed, Joined, Left, Put, Removed, Restored, Stale, Synced
from fedresolver.model.member import NEXT, Member, Phase
from fedresolver.model.objects import Export, Service, Slice
from fedresolver.model.place import Place
from fedresolver.model.rules import Rules, Select
from fedresolver.model.service import ServiceKey, label, namespace_label
from fedresolver.model.shard import Shard, load_balancer, shard

_OF_SERVICES = (Service, Slice, Export)


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
        self._owners: dict[ServiceKey, tuple[str, ...]] = {}
        self._shards: dict[ServiceKey, tuple[Shard, ...]] = {}
        self._touched: dict[ServiceKey, set[str]] = {}
        self._doubted: dict[str, set[ServiceKey]] = {}
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
        return tuple(key for key, owners in self._owners.items() if any(map(self._shows, owners)))

    def shards(self, key: ServiceKey) -> tuple[Shard, ...]:
        """Return the shards of a Service in order of the members' names; none where it is known nowhere."""
        made = self._shards.get(key)
        touched = self._touched.pop(key, None) if self._touched else None
        if made is None or touched:
            made = self._make(key, made or (), touched or frozenset())
        return made

    def _make(self, key: ServiceKey, made: tuple[Shard, ...], touched: Collection[str]) -> tuple[Shard, ...]:
        """Make the shards of a Service, those that are `made` already only where they were touched."""
        owners = self._owners.get(key)
        if owners is None:
            return ()
        known = {shard.member: shard for shard in made if shard.member not in touched}
        names = (name for name in owners if self._members[name].known)
        offers = (known.get(name) or self._offer(name, self._clusters[name], key) for name in names)
        self._shards[key] = now = tuple(offer for offer in offers if offer is not None)
        return now

    def has_namespace(self, namespace: bytes) -> bool:
        """Say whether the namespace (a label in wire form) has a federated Service in any member."""
        return namespace in self._namespaces

    def local_shard(self, key: ServiceKey) -> Shard | None:
        """Return a Service of the local member, whether it is federated or not."""
        cluster = self._local_cluster()
        return None if cluster is None else self._offer(self._rules.local, cluster, key)

    def balancer(self, member: str, key: ServiceKey) -> tuple[tuple[bytes, ...], tuple[int, ...]] | None:
        """Return the packed addresses and the TCP ports of a federated Service's load balancer in one member.

        They may both be empty; None where the member has no such Service, or it is not federated.
        """
        if not self._federates(member, key):
            return None
        service = self._clusters[member].services[key]
        return load_balancer(service, self._rules.believes), service.tcp_ports

    def local_namespace(self, namespace: bytes) -> bool:
        """Say whether the local member has the namespace: as an object, or by any Service in it."""
        cluster = self._local_cluster()
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
        about_members = {event.member for event in events if not _is_of_service(event)}
        before = self._world() if about_members else ()
        touched = {(event.member, key) for event in events for key in self._take(event)}
        for name in about_members:
            self._place(name)
        world = bool(about_members) and self._world() != before
        self._publish(touched, world=world or self._collides(touched))

    def _take(self, event: Event) -> Iterable[ServiceKey]:
        """Take in one event; return the Services whose shard in that member may have changed."""
        if isinstance(event, Joined):
            self._join(event.member)
            return ()
        cluster = self._clusters.get(event.member)
        if cluster is None:
            return ()
        touched: Iterable[ServiceKey]
        match event:
            case Put(thing=thing):
                touched = cluster.put(thing)
            case Removed(ref=ref):
                touched = cluster.remove(ref)
            case Left():
                touched = self._leave(event.member, cluster)
            case Doubted():
                touched = self._doubt(event)
            case Synced() | Stale() | Restored() | Expired() | Failed():
                touched = self._turn(event)
        return touched

    def _join(self, name: str) -> None:
        if name not in self._clusters:
            self._clusters[name] = Cluster()
            self._members[name] = Member(name=name, phase=Phase.PENDING if self._starting else Phase.EXPIRED)

    def _leave(self, name: str, cluster: Cluster) -> Iterable[ServiceKey]:
        del self._clusters[name], self._members[name]
        self._doubted.pop(name, None)
        return tuple(cluster.services)

    def _doubt(self, event: Doubted) -> Iterable[ServiceKey]:
        doubted = self._doubted.setdefault(event.member, set())
        if event.doubtful and self._members[event.member].phase is not Phase.SYNCED:
            doubted.add(event.key)
        else:
            doubted.discard(event.key)
        return (event.key,)

    def _turn(self, event: Synced | Stale | Restored | Expired | Failed) -> Iterable[ServiceKey]:
        """Take in what an event makes of a member; return the Services that are trusted again by that."""
        former = self._members[event.member]
        phase = NEXT[former.phase, type(event)]
        trusted: Iterable[ServiceKey] = ()
        match event:
            case Synced():
                self._set(former, phase=phase, failed="", since=None)
                trusted = self._doubted.pop(event.member, ())
            case Stale(since=since) | Restored(since=since):
                self._set(former, phase=phase, since=since if phase is Phase.STALE else former.since)
            case Expired():
                self._set(former, phase=phase)
            case Failed(why=why):
                self._set(former, failed=why)
        if self._members[event.member].known and not former.known:
            self._shards.clear()
            self._touched.clear()
        return trusted

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

    def _local_cluster(self) -> Cluster | None:
        """Return what the local member has told; what it tells before it is listed is not all, and does not count."""
        member = self._members.get(self._rules.local)
        return self._clusters[member.name] if member is not None and member.known else None

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
        keys: set[ServiceKey] = set()
        names = False
        for name, key in touched:
            came_or_went = self._update(name, key)
            if self._shows(name):
                keys.add(key)
                names |= came_or_went
        if keys or world:
            self._changed(Change(frozenset(keys), names, world))

    def _shows(self, name: str) -> bool:
        """Say whether what a member tells shows at once; what one has that has just left did."""
        member = self._members.get(name)
        return member is None or member.known

    def _update(self, name: str, key: ServiceKey) -> bool:
        """Take note that the shard of `key` in one member may be another; say whether the Service came or went."""
        if key in self._shards:
            self._touched.setdefault(key, set()).add(name)
        former = self._owners.get(key, ())
        owns = self._federates(name, key)
        if owns == (name in former):
            return False
        others = tuple(one for one in former if one != name)
        now = tuple(sorted((*others, name))) if owns else others
        if now:
            self._owners[key] = now
        else:
            del self._owners[key]
            self._shards.pop(key, None)
            self._touched.pop(key, None)
        self._count(namespace_label(key), bool(now) - bool(former))
        return bool(now) != bool(former)

    def _count(self, namespace: bytes, step: int) -> None:
        if step:
            self._namespaces[namespace] += step
            if not self._namespaces[namespace]:
                del self._namespaces[namespace]

    def _federates(self, name: str, key: ServiceKey) -> bool:
        cluster = self._clusters.get(name)
        service = cluster.services.get(key) if cluster is not None else None
        if cluster is None or service is None:
            return False
        return self._rules.may_speak(name, service.namespace) and self._selected(cluster, key, service)

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
        if service is None:
            return None
        doubtful = key in self._doubted.get(name, ())
        return shard(name, service, cluster.slices(key), self._rules.believes, doubtful=doubtful)


def _is_of_service(event: Event) -> bool:
    """Say whether an event is about one Service only, so that it cannot change what every answer depends on."""
    match event:
        case Put(thing=thing):
            return isinstance(thing, _OF_SERVICES)
        case Removed(ref=ref):
            return ref.kind in _OF_SERVICES
        case Doubted():
            return True
        case _:
            return False


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
            all(member.phase is not Phase.PENDING and member.since is None for member in members.values()),
            members.get(local),
            frozenset(place for member in members.values() for place in member.places),
        )
