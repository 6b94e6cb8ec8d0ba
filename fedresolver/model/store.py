"""The health cache: events of the members in, the view that answers are made from out.

One writer feeds it, in the event loop; readers see whole tuples, never half an update. A batch of events shows at
once: whoever keeps answers is told at its end which Services changed. Shards are made when they are first asked for,
so that a list of thousands costs no more than taking it in. What is told of a member before it is listed is taken in,
too, and shows when it is: by that alone, whatever its size.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec

from fedresolver.model.cluster import Cluster
from fedresolver.model.event import (
    Doubted,
    Event,
    Expired,
    Failed,
    Joined,
    Left,
    Put,
    Removed,
    Resolved,
    Restored,
    Stale,
    Synced,
)
from fedresolver.model.federated import Federated
from fedresolver.model.member import NEXT, Member, Phase, certain, pending
from fedresolver.model.naming import Of
from fedresolver.model.objects import Export, Service, Slice
from fedresolver.model.place import Place
from fedresolver.model.rules import Rules
from fedresolver.model.service import ServiceKey, label, namespace_label
from fedresolver.model.shard import Shard

_OF_SERVICES = (Service, Slice, Export)


class Change(msgspec.Struct, frozen=True, gc=False):
    """What a batch changed: the Services by key; `names` is whether one came or went; `world` is everything."""

    keys: frozenset[ServiceKey]
    names: bool
    world: bool


Named = Callable[[Mapping[str, str], Collection[str]], None]
"""Is told which host names of load balancers are new, each with a member that has it, and which nobody has any more."""


def _nobody(come: Mapping[str, str], gone: Collection[str]) -> None:
    """Do nothing with host names."""


class Store:
    """The federation `name` under `rules`; `changed` is called after each batch that changed anything.

    After that `named` is told of host names that are to be resolved: what they lead to comes back by `resolve`.
    """

    def __init__(self, name: str, rules: Rules, changed: Callable[[Change], None], named: Named = _nobody) -> None:
        self._namespace = label(name)
        self._rules = rules
        self._changed = changed
        self._named = named
        self._clusters: dict[str, Cluster] = {}
        self._members: dict[str, Member] = {}
        self._federated = Federated(rules, self._clusters, self._members)
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
        return self._federated.keys

    def count(self, member: str) -> int:
        """Return how many federated Services a member has."""
        return self._federated.counts[member]

    def shards(self, key: ServiceKey) -> tuple[Shard, ...]:
        """Return the shards of a Service in order of the members' names; none where it is known nowhere."""
        return self._federated.shards(key)

    def has_namespace(self, namespace: bytes) -> bool:
        """Say whether the namespace (a label in wire form) has a federated Service in any member."""
        return self._federated.has_namespace(namespace)

    def balancer(self, member: str, key: ServiceKey) -> tuple[tuple[bytes, ...], tuple[int, ...]] | None:
        """Return the packed addresses and the TCP ports of a federated Service's load balancer in one member.

        They may both be empty; None where the member has no such Service, or it is not federated.
        """
        return self._federated.balancer(member, key)

    def left_out(self, member: str, key: ServiceKey) -> tuple[bytes, ...]:
        """Return the packed addresses that a member has for a Service's load balancer and that are not believed."""
        return self._federated.left_out(member, key)

    @property
    def hostnames(self) -> Collection[str]:
        """The host names of all the load balancers of federated Services."""
        return self._federated.naming.hostnames

    def touched(self, event: Event) -> Iterable[ServiceKey]:
        """Return the Services whose shard in a listed member would be touched, or go with it, by an event."""
        member, cluster = self._members.get(event.member), self._clusters.get(event.member)
        if member is None or cluster is None or not member.known:
            return ()
        match event:
            case Put(thing=what) | Removed(ref=what):
                return cluster.touched(what)
            case Doubted(key=key):
                return (key,)
            case Left():
                return tuple(cluster.services)
            case Synced():
                return tuple(self._federated.doubted(event.member))
            case _:
                return ()

    def named_by(self, hostname: str) -> Iterable[ServiceKey]:
        """Return the Services that have a host name for load balancers."""
        return {of.key for of in self._federated.naming.shards(hostname)}

    def resolve(self, batch: Iterable[Resolved]) -> Collection[Of]:
        """Take in where host names lead to; return the shards that have another load balancer by that."""
        touched = {of for resolved in batch for of in self._federated.resolve(resolved)}
        self._publish(touched, world=False)
        return touched

    def owners(self, hostname: str) -> Collection[str]:
        """Return the members that have a host name for load balancers."""
        return sorted({of.member for of in self._federated.naming.shards(hostname)})

    def local_shard(self, key: ServiceKey) -> Shard | None:
        """Return a Service of the local member, whether it is federated or not."""
        return None if self._local_cluster() is None else self._federated.offer(self._rules.local, key)

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
        before: tuple[object, ...] = ()
        touched: set[tuple[str, ServiceKey]] = set()
        about_members: set[str] = set()
        for event in events:
            if not is_of_service(event):
                before = before or self._world()
                about_members.add(event.member)
            for key in self._take(event):
                touched.add((event.member, key))
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
        self._federated.trust(name)
        return tuple(cluster.services)

    def _doubt(self, event: Doubted) -> Iterable[ServiceKey]:
        doubtful = event.doubtful and self._members[event.member].phase is not Phase.SYNCED
        self._federated.doubt(event.member, event.key, doubtful=doubtful)
        return (event.key,)

    def _turn(self, event: Synced | Stale | Restored | Expired | Failed) -> Iterable[ServiceKey]:
        """Take in what an event makes of a member; return the Services that are trusted again by that."""
        former = self._members[event.member]
        phase = NEXT[former.phase, type(event)]
        trusted: Iterable[ServiceKey] = ()
        match event:
            case Synced():
                self._set(former, phase=phase, failed="", since=None)
                trusted = self._federated.trust(event.member)
            case Stale(since=since) | Restored(since=since):
                self._set(former, phase=phase, since=since if phase is Phase.STALE else former.since)
            case Expired():
                self._set(former, phase=phase)
            case Failed(why=why):
                self._set(former, failed=why)
        if self._members[event.member].known and not former.known:
            self._federated.appear()
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

    def _publish(self, touched: Collection[tuple[str, ServiceKey]], *, world: bool) -> None:
        if world:
            self._summary = _Summary.of(self._members, self._rules.local)
            self._home = self._find_home()
        keys: set[ServiceKey] = set()
        names = False
        for name, key in touched:
            came_or_went = self._federated.update(name, key)
            if self._federated.shows(name):
                keys.add(key)
                names |= came_or_went
        if keys or world:
            self._changed(Change(frozenset(keys), names, world))
        come, gone = self._federated.naming.news()
        if come or gone:
            self._federated.unlearn(gone)
            self._named(come, gone)


def is_of_service(event: Event) -> bool:
    """Say whether an event is about one Service only.

    Then it changes nothing that every answer depends on, unless by its namespace, which is looked at for itself.
    """
    if isinstance(event, Put):
        return isinstance(event.thing, _OF_SERVICES)
    if isinstance(event, Removed):
        return event.ref.kind in _OF_SERVICES
    return isinstance(event, Doubted)


class _Summary(msgspec.Struct, frozen=True):
    """What is read of the members at each question, worked out when they change."""

    pending: tuple[Member, ...]
    certain: bool
    local: Member | None
    places: frozenset[Place]

    @staticmethod
    def of(members: Mapping[str, Member], local: str) -> "_Summary":
        return _Summary(
            pending(members.values()),
            certain(members.values()),
            members.get(local),
            frozenset(place for member in members.values() for place in member.places),
        )
