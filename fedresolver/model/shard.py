"""A shard: what one member offers for one Service, and the rules by which it is healthy."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec

from fedresolver.model.event import Resolved
from fedresolver.model.objects import Endpoint, Port, Service, Slice

T = TypeVar("T")
Allowed = Callable[[bytes], bool]
"""Whether a packed address may be that of a load balancer."""
LONGEST_TTL = 86400
"""One day, in seconds: what a TTL may be at most, whoever says it."""


class Target(msgspec.Struct, frozen=True, gc=False):
    """One endpoint of a headless Service as it is answered: its addresses, its hostname if any, its named ports."""

    addresses: tuple[bytes, ...]
    hostname: str
    ports: tuple[Port, ...]


class Balancer(msgspec.Struct, frozen=True, gc=False):
    """Where a Service can be reached from outside of its cluster: packed addresses, good for `ttl` seconds.

    `unresolved` are the host names of which nobody has been able to say yet where they lead to; `resolved` is whether
    some of the addresses are what host names lead to.
    """

    addresses: tuple[bytes, ...] = ()
    unresolved: tuple[str, ...] = ()
    ttl: int = LONGEST_TTL
    resolved: bool = False


class Shard(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One member's Service as we answer from it.

    Endpoints are counted once, not once per address family: `ready` of `total`, and `draining` those that are
    terminating but still serving. `targets` are the endpoints that a headless Service is answered with. `doubtful` is
    whether its load balancer has ceased to accept connections.
    """

    member: str
    cluster_ips: tuple[bytes, ...] = ()
    headless: bool = False
    external_name: str = ""
    ports: tuple[Port, ...] = ()
    ready: int = 0
    draining: int = 0
    total: int = 0
    targets: tuple[Target, ...] = ()
    balancer: Balancer = Balancer()
    deleting: bool = False
    doubtful: bool = False

    @property
    def alive(self) -> bool:
        """Whether the Service stands and has a ready endpoint."""
        return self.ready > 0 and not self.deleting

    @property
    def reachable(self) -> bool:
        """Whether clients outside of the member have something to connect to."""
        return bool(self.balancer.addresses or self.balancer.unresolved)

    @property
    def inside(self) -> tuple[bytes, ...]:
        """The packed addresses that clients in the member are sent to."""
        return self.cluster_ips or tuple(address for target in self.targets for address in target.addresses)

    @property
    def answers_inside(self) -> bool:
        """Whether clients in the member are sent to it; kube-proxy uses draining endpoints if there are no others."""
        if self.external_name:
            return not self.deleting
        offered = self.headless or bool(self.cluster_ips)
        return offered and not self.deleting and (self.ready > 0 or self.draining > 0)


def shard(
    member: str, service: Service, slices: Iterable[Slice], balancer: Balancer, *, doubtful: bool = False
) -> Shard:
    """Return what `member` offers with `service`, its slices and its load balancer."""
    slices = tuple(slices)
    ready, draining, total = _count(slices, publish=service.publish_not_ready)
    return Shard(
        member=member,
        cluster_ips=service.cluster_ips,
        headless=service.headless,
        external_name=service.external_name,
        ports=service.ports,
        ready=ready,
        draining=draining,
        total=total,
        targets=_targets(slices, publish=service.publish_not_ready) if service.headless else (),
        balancer=balancer,
        deleting=service.deleting,
        doubtful=doubtful,
    )


def load_balancer(service: Service, resolved: Mapping[str, Resolved], allowed: Allowed) -> Balancer:
    """Return what `status.loadBalancer.ingress` leads to, or where that names nothing `spec.externalIPs`.

    `resolved` is where host names lead to, as far as it is known. Addresses that are not `allowed` are left out.
    """
    if not service.hostnames:
        named = service.ingress or service.external_addresses
        return Balancer(_unique(address for address in named if allowed(address)))
    found = [resolved[name] for name in service.hostnames if name in resolved]
    used = [one for one in found if any(map(allowed, one.addresses))]
    every = (*service.ingress, *(address for one in used for address in one.addresses))
    return Balancer(
        _unique(address for address in every if allowed(address)),
        _unique(name for name in service.hostnames if name not in resolved),
        min((one.ttl for one in used), default=LONGEST_TTL),
        bool(used),
    )


def _ready(endpoint: Endpoint, *, publish: bool) -> bool:
    return publish or endpoint.ready


def _draining(endpoint: Endpoint) -> bool:
    return endpoint.serving and endpoint.terminating


_DRAINING, _READY = 1, 2


def _state(endpoint: Endpoint, *, publish: bool) -> int:
    if _ready(endpoint, publish=publish):
        return _READY
    return _DRAINING if _draining(endpoint) else 0


def _count(slices: tuple[Slice, ...], *, publish: bool) -> tuple[int, int, int]:
    """Return (ready, draining, total).

    While slices change an endpoint may stand in two of them (Kubernetes: EndpointSlices, "Duplicate endpoints"), and is
    counted as the better of both. A Pod of two families has a slice in each, so the families are not added up.
    """
    families: dict[int, dict[bytes, int]] = {4: {}}
    for endpoint in (endpoint for part in slices for endpoint in part.endpoints if endpoint.addresses):
        address, state = endpoint.addresses[0], _state(endpoint, publish=publish)
        states = families.setdefault(len(address), {})
        states[address] = max(state, states.get(address, 0))
    found = [tuple(states.values()) for states in families.values()]
    return max(one.count(_READY) for one in found), max(one.count(_DRAINING) for one in found), max(map(len, found))


def _targets(slices: tuple[Slice, ...], *, publish: bool) -> tuple[Target, ...]:
    """Return the ready endpoints, or where there is none those that still serve while they terminate."""
    every = [(endpoint, part.ports) for part in slices for endpoint in part.endpoints if endpoint.addresses]
    ready = [(endpoint, ports) for endpoint, ports in every if _ready(endpoint, publish=publish)]
    answered = ready or [(endpoint, ports) for endpoint, ports in every if _draining(endpoint)]
    return _unique(Target(endpoint.addresses, endpoint.hostname, ports) for endpoint, ports in answered)


def _unique(things: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(things))
