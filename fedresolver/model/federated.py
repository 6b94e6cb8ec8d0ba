"""Which Services are federated, by which members, and the shards of each: made when they are first asked for."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from fedresolver.model.cluster import Cluster
from fedresolver.model.event import Resolved
from fedresolver.model.member import Member
from fedresolver.model.naming import Naming, Of
from fedresolver.model.objects import Service
from fedresolver.model.rules import Rules, Select
from fedresolver.model.service import ServiceKey, namespace_label
from fedresolver.model.shard import Balancer, Shard, load_balancer, shard


class Federated:
    """The federated Services of `members`, made under `rules` from what their `clusters` have told.

    `counts` is how many each member has.
    Both mappings change under its eyes; it is told of what may be another by that (`update`, `appear`).
    """

    def __init__(self, rules: Rules, clusters: Mapping[str, Cluster], members: Mapping[str, Member]) -> None:
        self._rules = rules
        self._clusters = clusters
        self._members = members
        self._owners: dict[ServiceKey, tuple[str, ...]] = {}
        self._shards: dict[ServiceKey, tuple[Shard, ...]] = {}
        self._touched: dict[ServiceKey, set[str]] = {}
        self._doubted: dict[str, set[ServiceKey]] = {}
        self._namespaces: Counter[bytes] = Counter()
        self.counts: Counter[str] = Counter()
        self._resolved: dict[str, Resolved] = {}
        self.naming = Naming()

    @property
    def keys(self) -> tuple[ServiceKey, ...]:
        """Every Service that is known, in no order."""
        return tuple(key for key, owners in self._owners.items() if self._is_shown(owners))

    def shards(self, key: ServiceKey) -> tuple[Shard, ...]:
        """Return the shards of a Service in order of the members' names; none where it is known nowhere."""
        made = self._shards.get(key)
        touched = self._touched.pop(key, None) if self._touched else None
        if made is None or touched:
            made = self._make(key, made or (), touched or frozenset())
        return made

    def offer(self, name: str, key: ServiceKey) -> Shard | None:
        """Return a member's Service as a shard, whether it is federated or not; None where it has none."""
        cluster = self._clusters[name]
        service = cluster.services.get(key)
        if service is None:
            return None
        doubtful = key in self._doubted.get(name, ())
        return shard(name, service, cluster.slices(key), self._reach(service), doubtful=doubtful)

    def balancer(self, name: str, key: ServiceKey) -> tuple[tuple[bytes, ...], tuple[int, ...]] | None:
        """Return the packed addresses and the TCP ports of a federated Service's load balancer in one member.

        They may both be empty; None where the member has no such Service, or it is not federated.
        """
        if not self._federates(name, key):
            return None
        service = self._clusters[name].services[key]
        return self._reach(service).addresses, service.tcp_ports

    def left_out(self, name: str, key: ServiceKey) -> tuple[bytes, ...]:
        """Return the packed addresses of a member's load balancer, and of its host names, that are not believed."""
        if not self._federates(name, key):
            return ()
        service = self._clusters[name].services[key]
        found = (
            address
            for host in service.hostnames
            if host in self._resolved
            for address in self._resolved[host].addresses
        )
        every = (*service.ingress, *service.external_addresses, *found)
        return tuple(address for address in every if not self._rules.believes(address))

    def has_namespace(self, namespace: bytes) -> bool:
        """Say whether the namespace (a label in wire form) has a federated Service in any member."""
        return namespace in self._namespaces

    def shows(self, name: str) -> bool:
        """Say whether what a member tells shows at once; what one has that has just left did."""
        member = self._members.get(name)
        return member is None or member.known

    def update(self, name: str, key: ServiceKey) -> bool:
        """Take note that a member's shard of `key` may be another; say whether the Service came or went by that."""
        if key in self._shards:
            self._touched.setdefault(key, set()).add(name)
        former = self._owners.get(key, ())
        owns = self._federates(name, key)
        hostnames = self._clusters[name].services[key].hostnames if owns else ()
        if hostnames or self.naming.hostnames:
            self.naming.put(Of(name, key), hostnames)
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
        self.counts[name] += 1 if owns else -1
        if not self.counts[name]:
            del self.counts[name]
        self._count(namespace_label(key), bool(now) - bool(former))
        return self._is_shown(now) != self._is_shown(former)

    def resolve(self, resolved: Resolved) -> Collection[Of]:
        """Take in where a host name leads to; return whose it is, if that is new, for which `update` is to follow."""
        hostname = resolved.hostname
        shards = self.naming.shards(hostname)
        if not shards or self._resolved.get(hostname) == resolved:
            return ()
        self._resolved[hostname] = resolved
        return shards

    def unlearn(self, hostnames: Iterable[str]) -> None:
        """Forget where host names lead to which nobody has any more."""
        for hostname in hostnames:
            self._resolved.pop(hostname, None)

    def appear(self) -> None:
        """Take note that a member shows which did not: any Service may be its, too."""
        self._shards.clear()
        self._touched.clear()

    def doubt(self, name: str, key: ServiceKey, *, doubtful: bool) -> None:
        """Doubt a member's shard, or trust it again; `update` is to follow."""
        doubted = self._doubted.setdefault(name, set())
        if doubtful:
            doubted.add(key)
        else:
            doubted.discard(key)

    def doubted(self, name: str) -> Collection[ServiceKey]:
        """Return the Services whose shard in a member is doubted."""
        return self._doubted.get(name, ())

    def trust(self, name: str) -> Collection[ServiceKey]:
        """Doubt nothing of a member any more; return what was doubted."""
        return self._doubted.pop(name, ())

    def _make(self, key: ServiceKey, made: tuple[Shard, ...], touched: Collection[str]) -> tuple[Shard, ...]:
        """Make the shards of a Service, those that are `made` already only where they were touched."""
        owners = self._owners.get(key)
        if owners is None:
            return ()
        known = {shard.member: shard for shard in made if shard.member not in touched}
        offers = (known.get(name) or self.offer(name, key) for name in owners if self._members[name].known)
        self._shards[key] = now = tuple(offer for offer in offers if offer is not None)
        return now

    def _reach(self, service: Service) -> Balancer:
        return load_balancer(service, self._resolved, self._rules.believes)

    def _is_shown(self, owners: Iterable[str]) -> bool:
        return any(map(self.shows, owners))

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
