"""What we keep of Kubernetes objects: the few fields that we answer from.

Names are DNS labels in small letters, addresses are packed octets (4 for IPv4, 16 for IPv6). Those who make these
values have checked them. `array_like` and `tag` are how the snapshot file writes them: the kind, then the fields in
their order.
"""

from typing import TypeAlias

import msgspec

from fedresolver.model.place import Place


class Port(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A named port: `name` and `protocol` in small letters (`http`, `tcp`), the number."""

    name: str
    protocol: str
    number: int


class Service(msgspec.Struct, frozen=True, gc=False, kw_only=True, array_like=True, tag=True):
    """A Service (v1). `headless` is `clusterIP: None`; `external_name` is empty unless `type: ExternalName`.

    `ingress` are the addresses and `hostnames` the names of `status.loadBalancer.ingress`, of an entry with both only
    the address; `external_addresses` are `spec.externalIPs`. `ports` are the named ones, `tcp_ports` the numbers of all
    TCP ports, named or not. `deleting` is whether `metadata.deletionTimestamp` is set.
    """

    namespace: str
    name: str
    cluster_ips: tuple[bytes, ...] = ()
    headless: bool = False
    external_name: str = ""
    ports: tuple[Port, ...] = ()
    tcp_ports: tuple[int, ...] = ()
    ingress: tuple[bytes, ...] = ()
    hostnames: tuple[str, ...] = ()
    external_addresses: tuple[bytes, ...] = ()
    publish_not_ready: bool = False
    deleting: bool = False
    labels: tuple[tuple[str, str], ...] = ()


class Endpoint(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One endpoint of a slice, with its conditions: `ready` and `serving` unless said false."""

    addresses: tuple[bytes, ...]
    hostname: str = ""
    ready: bool = True
    serving: bool = True
    terminating: bool = False


class Slice(msgspec.Struct, frozen=True, gc=False, kw_only=True, array_like=True, tag=True):
    """An EndpointSlice (discovery.k8s.io/v1) of one family; `service` is its label `kubernetes.io/service-name`."""

    namespace: str
    name: str
    service: str
    endpoints: tuple[Endpoint, ...] = ()
    ports: tuple[Port, ...] = ()


class Node(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=True):
    """A Node, as far as it says where its cluster is; None where it has no such labels."""

    name: str
    place: Place | None


class Namespace(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=True):
    """A Namespace (v1)."""

    name: str


class Export(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=True):
    """A ServiceExport (multicluster.x-k8s.io) beside the Service of its name."""

    namespace: str
    name: str


Object: TypeAlias = Service | Slice | Node | Namespace | Export


class Ref(msgspec.Struct, frozen=True, gc=False):
    """Which object: its kind here, its namespace (empty for what has none) and its name."""

    kind: type[Object]
    namespace: str
    name: str


def ref(thing: Object) -> Ref:
    """Return which object `thing` is a state of."""
    return Ref(type(thing), getattr(thing, "namespace", ""), thing.name)
