"""The world that is served: four members, as folders of ordinary Kubernetes objects in JSON."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

import msgspec

NAMESPACE = "mynamespace"
FEDERATION = "myfederation"
DOMAIN = "example.com."
CLUSTER_DOMAIN = "cluster.local."

LOAD_BALANCERS = ipaddress.ip_address("198.18.0.0")  # RFC 2544: kept for benchmarks
CLUSTER_IPS = ipaddress.ip_address("10.0.0.0")
PER_MEMBER = 1 << 15
"""Addresses of each kind that a member may use."""

Manifest = dict[str, object]


@dataclass(frozen=True, slots=True)
class Member:
    """A cluster of the federation, and where its nodes are."""

    name: str
    region: str
    topology_zone: str


MEMBERS = (
    Member("gce-us-central1", "us-central1", "us-central1-a"),
    Member("gce-us-east1", "us-east1", "us-east1-b"),
    Member("gce-europe-west1", "europe-west1", "europe-west1-b"),
    Member("gce-asia-east1", "asia-east1", "asia-east1-a"),
)
LOCAL = MEMBERS[0]
WALKED = "nginx"
"""The Service without a ready endpoint in the local member."""


@dataclass(frozen=True, slots=True)
class World:
    """Four members with `services` healthy Services each, and one that is not healthy locally."""

    services: int

    @property
    def names(self) -> list[str]:
        """The Services of every member, the walked one last."""
        return [f"svc-{number:05}" for number in range(1, self.services + 1)] + [WALKED]

    def write(self, folder: Path) -> None:
        """Write `folder/<member>/*.json`: nodes, Services, EndpointSlices, the first in `first.json`."""
        for member in MEMBERS:
            (folder / member.name).mkdir(parents=True)
            first, *others = (endpoint_slice(name, ready=name != WALKED or member is not LOCAL) for name in self.names)
            services = [service(member, name, number) for number, name in enumerate(self.names, 1)]
            write_list(folder / member.name / "nodes.json", [node(member)])
            write_list(folder / member.name / "services.json", services)
            write_list(folder / member.name / "endpointslices.json", others)
            write_list(folder / member.name / "first.json", [first])


def cluster_ip(member: Member, number: int) -> str:
    """Return the ClusterIP of a member's Service by its number, counted from 1."""
    return str(CLUSTER_IPS + MEMBERS.index(member) * PER_MEMBER + number)


def load_balancer(member: Member, number: int) -> str:
    """Return the load balancer address of a member's Service by its number, counted from 1."""
    return str(LOAD_BALANCERS + MEMBERS.index(member) * PER_MEMBER + number)


def write_list(path: Path, items: list[Manifest]) -> None:
    """Write a `kind: List` of objects."""
    path.write_bytes(msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": items}))


def service(member: Member, name: str, number: int) -> Manifest:
    """Return a Service with a ClusterIP and a load balancer address."""
    address = cluster_ip(member, number)
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "type": "LoadBalancer",
            "clusterIP": address,
            "clusterIPs": [address],
            "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": 8080}],
        },
        "status": {"loadBalancer": {"ingress": [{"ip": load_balancer(member, number)}]}},
    }


def endpoint_slice(name: str, *, ready: bool) -> Manifest:
    """Return the EndpointSlice of a Service, with three endpoints."""
    conditions = {"ready": ready, "serving": ready, "terminating": False}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{name}-1",
            "namespace": NAMESPACE,
            "labels": {"kubernetes.io/service-name": name},
        },
        "addressType": "IPv4",
        "ports": [{"name": "http", "protocol": "TCP", "port": 8080}],
        "endpoints": [{"addresses": [f"10.200.0.{n}"], "conditions": conditions} for n in (1, 2, 3)],
    }


def node(member: Member) -> Manifest:
    """Return a Node with the labels that place its member."""
    labels = {
        "topology.kubernetes.io/region": member.region,
        "topology.kubernetes.io/zone": member.topology_zone,
    }
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"{member.name}-1", "labels": labels}}
