"""From an object of the Kubernetes API to what we keep of it.

Pure. A FlawError says which field cannot be believed; None is an object that says nothing to us.
"""

from typing import assert_never

from fedresolver.model import objects
from fedresolver.model.objects import Object, Ref
from fedresolver.model.place import Place
from fedresolver.watch.kube import api
from fedresolver.watch.kube.field import address, addresses, at_most, domain, is_label, label
from fedresolver.watch.kube.flaw import FlawError, quoted

# The limits are above what Kubernetes' own controllers write and what one answer can carry; they are there for members
# that are broken or hostile.
MAX_ENDPOINTS = 1000  # of a slice: the most that the API server accepts
MAX_ENDPOINT_ADDRESSES = 100  # of an endpoint: the most that the API server accepts
MAX_ADDRESSES = 64  # of one kind in a Service: in A records 1,024 octets, what a UDP answer carries
MAX_PORTS = 256  # of a Service or a slice: above the 250 that load balancers of clouds take
MAX_LABELS = 256  # of a Service: dozens are many

SERVICE_NAME = "kubernetes.io/service-name"
_REGION = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
_TOPOLOGY_ZONE = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
_OCTETS = {"IPv4": 4, "IPv6": 16}
_PROTOCOLS = {"TCP": "tcp", "UDP": "udp", "SCTP": "sctp"}
KEPT_AS: dict[type[api.Known], type[Object]] = {
    api.Service: objects.Service,
    api.EndpointSlice: objects.Slice,
    api.Node: objects.Node,
    api.Namespace: objects.Namespace,
    api.ServiceExport: objects.Export,
}
_WITHOUT_NAMESPACE = frozenset({api.Node, api.Namespace})


def slim(thing: api.Known) -> Object | None:
    """Return what we keep of `thing`; None when it says nothing to us; FlawError when it is wrong."""
    match thing:
        case api.Service():
            return _service(thing)
        case api.EndpointSlice():
            return _slice(thing)
        case api.Node():
            return _node(thing)
        case api.Namespace():
            return objects.Namespace(label("metadata.name", thing.metadata.name))
        case api.ServiceExport():
            return objects.Export(_namespace(thing.metadata), label("metadata.name", thing.metadata.name))
        case _:
            assert_never(thing)


def ref_of(shape: type[api.Known], identity: api.Identity) -> Ref:
    """Return which of our objects the API object of this shape and identity would be."""
    namespace = "" if shape in _WITHOUT_NAMESPACE else identity.namespace or "default"
    return Ref(KEPT_AS[shape], namespace, identity.name or "")


def _namespace(meta: api.Meta) -> str:
    return label("metadata.namespace", meta.namespace or "default")


def _service(thing: api.Service) -> objects.Service:
    spec = thing.spec or api.ServiceSpec()
    external = spec.type == "ExternalName"
    cluster_ips = [] if external else spec.cluster_ips or [spec.cluster_ip or ""]
    ingress, hostnames = _ingress(thing.status)
    return objects.Service(
        namespace=_namespace(thing.metadata),
        name=label("metadata.name", thing.metadata.name),
        cluster_ips=addresses("spec.clusterIPs", [ip for ip in cluster_ips if ip not in {"", "None"}], MAX_ADDRESSES),
        headless="None" in cluster_ips,
        external_name=domain("spec.externalName", spec.external_name) if external else "",
        ports=_service_ports(spec.ports or []),
        tcp_ports=_tcp_ports(spec.ports or []),
        ingress=ingress,
        hostnames=hostnames,
        external_addresses=addresses("spec.externalIPs", spec.external_ips or [], MAX_ADDRESSES),
        publish_not_ready=bool(spec.publish_not_ready),
        deleting=thing.metadata.deletion_timestamp is not None,
        labels=_labels(thing.metadata),
    )


def _ingress(status: api.ServiceStatus | None) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """Return the addresses and the host names of a load balancer; an entry with both counts as its address."""
    balancer = status and status.load_balancer
    entries = (balancer and balancer.ingress) or []
    at_most("status.loadBalancer.ingress", entries, MAX_ADDRESSES)
    numbered = [(f"status.loadBalancer.ingress[{index}]", entry) for index, entry in enumerate(entries)]
    ips = [address(f"{field}.ip", entry.ip) for field, entry in numbered if entry.ip]
    names = [
        domain(f"{field}.hostname", entry.hostname) for field, entry in numbered if entry.hostname and not entry.ip
    ]
    return tuple(ips), tuple(names)


def _labels(meta: api.Meta) -> tuple[tuple[str, str], ...]:
    pairs = sorted((meta.labels or {}).items())
    at_most("metadata.labels", pairs, MAX_LABELS)
    return tuple(pairs)


def _service_ports(ports: list[api.ServicePort]) -> tuple[objects.Port, ...]:
    at_most("spec.ports", ports, MAX_PORTS)
    return tuple(
        [
            _port(f"spec.ports[{index}]", port.name, port.protocol, port.port)
            for index, port in enumerate(ports)
            if port.name
        ]
    )


def _tcp_ports(ports: list[api.ServicePort]) -> tuple[int, ...]:
    return tuple([port.port for port in ports if (port.protocol or "TCP") == "TCP" and 0 < port.port < 65536])


def _slice_ports(ports: list[api.EndpointPort]) -> tuple[objects.Port, ...]:
    at_most("ports", ports, MAX_PORTS)
    return tuple(
        [
            _port(f"ports[{index}]", port.name, port.protocol, port.port)
            for index, port in enumerate(ports)
            if port.name and port.port is not None
        ]
    )


def _port(field: str, name: str, protocol: str | None, number: int) -> objects.Port:
    """Return a named port; those without a name have no SRV record (Kubernetes DNS specification 2.3.2)."""
    known = _PROTOCOLS.get((protocol or "TCP").upper())
    if known is None:
        raise FlawError(f"{field}.protocol: {quoted(protocol or '')} is no protocol; it is TCP, UDP or SCTP")
    if not 0 < number < 65536:
        raise FlawError(f"{field}.port: {number} is no port; it is 1 to 65535")
    return objects.Port(label(f"{field}.name", name.lower()), known, number)


def _slice(thing: api.EndpointSlice) -> objects.Slice | None:
    service = (thing.metadata.labels or {}).get(SERVICE_NAME)
    if thing.metadata.deletion_timestamp is not None or not service or thing.address_type == "FQDN":
        return None
    octets = _OCTETS.get(thing.address_type or "")
    if octets is None:
        raise FlawError(f"addressType: {quoted(thing.address_type or '')} is no family; it is IPv4, IPv6 or FQDN")
    endpoints = thing.endpoints or []
    at_most("endpoints", endpoints, MAX_ENDPOINTS)
    return objects.Slice(
        namespace=_namespace(thing.metadata),
        name=domain("metadata.name", thing.metadata.name),
        service=label(f"metadata.labels.{SERVICE_NAME}", service),
        endpoints=_endpoints(endpoints, octets),
        ports=_slice_ports(thing.ports or []),
    )


def _endpoints(endpoints: list[api.Endpoint], octets: int) -> tuple[objects.Endpoint, ...]:
    try:
        return tuple([_endpoint("endpoints", each, octets) for each in endpoints])
    except FlawError:  # again, to say in which of them
        return tuple([_endpoint(f"endpoints[{index}]", each, octets) for index, each in enumerate(endpoints)])


def _endpoint(field: str, endpoint: api.Endpoint, octets: int) -> objects.Endpoint:
    conditions = endpoint.conditions or api.Conditions()
    ready = conditions.ready is not False
    return objects.Endpoint(
        addresses(f"{field}.addresses", endpoint.addresses or [], MAX_ENDPOINT_ADDRESSES, octets),
        label(f"{field}.hostname", endpoint.hostname) if endpoint.hostname else "",
        ready,
        ready if conditions.serving is None else conditions.serving,
        bool(conditions.terminating),
    )


def _node(thing: api.Node) -> objects.Node:
    name = domain("metadata.name", thing.metadata.name)
    labels = thing.metadata.labels or {}
    region, topology_zone = (_place_label(labels, keys, name) for keys in (_REGION, _TOPOLOGY_ZONE))
    return objects.Node(name, Place(region, topology_zone) if region else None)


def _place_label(labels: dict[str, str], keys: tuple[str, ...], node: str) -> str:
    """Return the value of the first of `keys` that has one, in small letters; empty where none has."""
    for key in keys:
        if text := labels.get(key, "").lower():
            if not is_label(text):
                why = f"metadata.labels.{key}: {quoted(text)} is no DNS label, so the node counts as without a place"
                raise FlawError(why, objects.Node(node, None))
            return text
    return ""
