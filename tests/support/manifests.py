"""Kubernetes objects, and the files of a member that hold them."""

from collections.abc import Sequence
from pathlib import Path

import yaml


def service(name: str, namespace: str = "shop", **more: object) -> dict[str, object]:
    """Return a Service; `more`: `cluster_ips`, `load_balancers` and `ports` (number by name)."""
    ports = more.get("ports", {"http": 80})
    cluster_ips = list(more.get("cluster_ips", ["10.0.0.1"]))
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "type": "LoadBalancer",
            "clusterIP": cluster_ips[0],
            "clusterIPs": cluster_ips,
            "ports": [{"name": name, "port": port, "protocol": "TCP"} for name, port in ports.items()],
        },
        "status": {"loadBalancer": {"ingress": [{"ip": ip} for ip in more.get("load_balancers", ["192.0.2.1"])]}},
    }


def endpoints(
    name: str,
    namespace: str = "shop",
    *,
    ready: bool = True,
    addresses: Sequence[str] = ("10.1.0.1",),
    changed: str = "",
) -> dict[str, object]:
    """Return an EndpointSlice of a Service, with one endpoint for each address; `changed` is when, in RFC 3339."""
    annotations = {"endpoints.kubernetes.io/last-change-trigger-time": changed} if changed else {}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{name}-1",
            "namespace": namespace,
            "labels": {"kubernetes.io/service-name": name},
            "annotations": annotations,
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": ready}} for address in addresses],
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
    }


def node(name: str, region: str = "north", topology_zone: str = "oslo") -> dict[str, object]:
    """Return a Node and where it is."""
    labels = {"topology.kubernetes.io/region": region, "topology.kubernetes.io/zone": topology_zone}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}


def namespace(name: str) -> dict[str, object]:
    """Return a Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def export(name: str, namespace: str = "shop") -> dict[str, object]:
    """Return a ServiceExport."""
    return {
        "apiVersion": "multicluster.x-k8s.io/v1alpha1",
        "kind": "ServiceExport",
        "metadata": {"name": name, "namespace": namespace},
    }


def put(folder: Path, member: str, file: str, *objects: dict[str, object]) -> Path:
    """Write the objects into a file of the member, which shows whole or not at all; return it."""
    path = folder / member / file
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{file}.new")
    draft.write_text(yaml.safe_dump_all(objects))
    return draft.rename(path)


def shard(name: str, *, ready: bool = True, **more: object) -> tuple[dict[str, object], dict[str, object]]:
    """Return a Service and its endpoints."""
    return service(name, **more), endpoints(name, ready=ready)
