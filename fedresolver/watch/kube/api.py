"""The Kubernetes objects that we read, with the fields that we use and no others.

Everything may be missing or null, as in the API's own JSON: what must be there is checked where the object is slimmed.
"""

from typing import TypeAlias

import msgspec


class Struct(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A part of an API object; unknown fields are skipped."""


class Head(Struct, frozen=True):
    """What every object begins with: what it is."""

    kind: str | None = None
    api_version: str | None = None


class Identity(Struct, frozen=True):
    """Which object of its kind it is."""

    name: str | None = None
    namespace: str | None = None
    resource_version: str | None = None


class Named(Struct, frozen=True):
    """An object of which nothing but the name is read."""

    metadata: Identity | None = None


class Annotations(Struct, frozen=True):
    """The annotations that are read; `changed_at` is when the endpoints of a slice changed."""

    changed_at: str | None = msgspec.field(default=None, name="endpoints.kubernetes.io/last-change-trigger-time")
    initial_events_end: str | None = msgspec.field(default=None, name="k8s.io/initial-events-end")


class Meta(Struct, frozen=True):
    """ObjectMeta."""

    name: str | None = None
    namespace: str | None = None
    labels: dict[str, str] | None = None
    deletion_timestamp: str | None = None
    resource_version: str | None = None
    annotations: Annotations | None = None


class ServicePort(Struct, frozen=True):
    """`spec.ports[]` of a Service."""

    port: int
    name: str | None = None
    protocol: str | None = None


class ServiceSpec(
    Struct, frozen=True, rename={"cluster_ip": "clusterIP", "cluster_ips": "clusterIPs", "external_ips": "externalIPs"}
):
    """`spec` of a Service."""

    type: str | None = None
    cluster_ip: str | None = None
    cluster_ips: list[str] | None = None
    external_ips: list[str] | None = None
    external_name: str | None = msgspec.field(default=None, name="externalName")
    publish_not_ready: bool | None = msgspec.field(default=None, name="publishNotReadyAddresses")
    ports: list[ServicePort] | None = None


class Ingress(Struct, frozen=True):
    """`status.loadBalancer.ingress[]` of a Service."""

    ip: str | None = None
    hostname: str | None = None


class LoadBalancer(Struct, frozen=True):
    """`status.loadBalancer` of a Service."""

    ingress: list[Ingress] | None = None


class ServiceStatus(Struct, frozen=True):
    """`status` of a Service."""

    load_balancer: LoadBalancer | None = None


class Service(Struct, frozen=True):
    """Service (v1)."""

    metadata: Meta
    spec: ServiceSpec | None = None
    status: ServiceStatus | None = None


class Conditions(Struct, frozen=True):
    """`endpoints[].conditions` of an EndpointSlice; null means the usual."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class Endpoint(Struct, frozen=True):
    """`endpoints[]` of an EndpointSlice."""

    addresses: list[str] | None = None
    conditions: Conditions | None = None
    hostname: str | None = None


class EndpointPort(Struct, frozen=True):
    """`ports[]` of an EndpointSlice; without a number it stands for every port."""

    name: str | None = None
    protocol: str | None = None
    port: int | None = None


class EndpointSlice(Struct, frozen=True):
    """EndpointSlice (discovery.k8s.io/v1)."""

    metadata: Meta
    address_type: str | None = None
    endpoints: list[Endpoint] | None = None
    ports: list[EndpointPort] | None = None


class Node(Struct, frozen=True):
    """Node (v1)."""

    metadata: Meta


class Namespace(Struct, frozen=True):
    """Namespace (v1)."""

    metadata: Meta


class ServiceExport(Struct, frozen=True):
    """ServiceExport (multicluster.x-k8s.io)."""

    metadata: Meta


Known: TypeAlias = Service | EndpointSlice | Node | Namespace | ServiceExport

_KNOWN: dict[tuple[str | None, str | None], type[Known]] = {
    ("v1", "Service"): Service,
    ("discovery.k8s.io/v1", "EndpointSlice"): EndpointSlice,
    ("v1", "Node"): Node,
    ("v1", "Namespace"): Namespace,
    ("multicluster.x-k8s.io/v1alpha1", "ServiceExport"): ServiceExport,
    ("multicluster.x-k8s.io/v1beta1", "ServiceExport"): ServiceExport,
    ("multicluster.x-k8s.io/v1", "ServiceExport"): ServiceExport,
}


def shape(head: Head) -> type[Known] | None:
    """Return how an object with this head is read; None when it is of a kind that we do not answer from."""
    return _KNOWN.get((head.api_version, head.kind))
