"""A shard: what one member offers for one Service, and the rules by which it is healthy."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from fedresolver.model.objects import Endpoint, Port, Service, Slice

T = TypeVar("T")
Allowed = Callable[[bytes], bool]
"""Whether a packed address may be that of a load balancer."""


class Target(msgspec.Struct, frozen=True, gc=False):
    """One endpoint of a headless Service as it is answered: its addresses, its hostname if any, its named ports."""

    addresses: tuple[bytes, ...]
    hostname: str
    ports: tuple[Port, ...]


class Shard(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One member's Service as we answer from it.

    Endpoints are counted once, not once per address family: `ready` of `total`, and `draining` those that are
    terminating but still serving. `targets` are the endpoints that a headless Service is answered with. `addresses`
    and `hostnames` are its load balancer's; `doubtful` is whether that has ceased to accept connections.
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
    addresses: tuple[bytes, ...] = ()
    hostnames: tuple[str, ...] = ()
    deleting: bool = False
    doubtful: bool = False

    @property
    def alive(self) -> bool:
        """Whether the Service stands and has a ready endpoint."""
        return self.ready > 0 and not self.deleting

    @property
    def reachable(self) -> bool:
        """Whether clients outside of the member have something to connect to."""
        return bool(self.addresses or self.hostnames)

    @property
    def answers_inside(self) -> bool:
        """Whether clients in the member are sent to it; kube-proxy uses draining endpoints if there are no others."""
        if self.external_name:
            return not self.deleting
        offered = self.headless or bool(self.cluster_ips)
        return offered and not self.deleting and (self.ready > 0 or self.draining > 0)


def shard(member: str, service: Service, slices: Iterable[Slice], allowed: Allowed, *, doubtful: bool = False) -> Shard:
    """Return what `member` offers with `service` and its slices; addresses that are not `allowed` are left out."""
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
        addresses=load_balancer(service, allowed),
        hostnames=tuple(sorted(set(service.hostnames))),
        deleting=service.deleting,
        doubtful=doubtful,
    )


def load_balancer(service: Service, allowed: Allowed) -> tuple[bytes, ...]:
    """Return the addresses of `status.loadBalancer.ingress`, or where that names nothing `spec.externalIPs`."""
    named = service.ingress if service.ingress or service.hostnames else service.external_addresses
    return _unique(address for address in named if allowed(address))


def _ready(endpoint: Endpoint, *, publish: bool) -> bool:
    return publish or endpoint.ready


def _draining(endpoint: Endpoint) -> bool:
    return endpoint.serving and endpoint.terminating


def _count(slices: tuple[Slice, ...], *, publish: bool) -> tuple[int, int, int]:
    """Return (ready, draining, total). A Pod of two families stands in two slices, so the families are not added up."""
    families: dict[int, list[int]] = {}
    for endpoint in (endpoint for part in slices for endpoint in part.endpoints if endpoint.addresses):
        counts = families.setdefault(len(endpoint.addresses[0]), [0, 0, 0])
        counts[2] += 1
        if _ready(endpoint, publish=publish):
            counts[0] += 1
        elif _draining(endpoint):
            counts[1] += 1
    ready, draining, total = map(max, zip((0, 0, 0), *families.values(), strict=True))
    return ready, draining, total


def _targets(slices: tuple[Slice, ...], *, publish: bool) -> tuple[Target, ...]:
    """Return the ready endpoints, or where there is none those that still serve while they terminate."""
    every = [(endpoint, part.ports) for part in slices for endpoint in part.endpoints if endpoint.addresses]
    ready = [(endpoint, ports) for endpoint, ports in every if _ready(endpoint, publish=publish)]
    answered = ready or [(endpoint, ports) for endpoint, ports in every if _draining(endpoint)]
    return _unique(Target(endpoint.addresses, endpoint.hostname, ports) for endpoint, ports in answered)


def _unique(things: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(things))
