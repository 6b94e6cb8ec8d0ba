"""Kubernetes objects as they are applied to an API server."""

from datetime import UTC, datetime
from typing import Any

NAMESPACE = "mynamespace"


def namespace(name: str = NAMESPACE) -> dict[str, Any]:
    """Return a Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def node(name: str, region: str, zone: str) -> dict[str, Any]:
    """Return a Node, with the labels that say where it is."""
    labels = {"topology.kubernetes.io/region": region, "topology.kubernetes.io/zone": zone}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}


def service(name: str, cluster_ip: str, *load_balancers: str, namespace: str = NAMESPACE) -> dict[str, Any]:
    """Return a Service of type LoadBalancer, with the addresses of its load balancer; cluster IPs are in 10.96.0.0/16."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "type": "LoadBalancer",
            "clusterIP": cluster_ip,
            "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
            "selector": {"app": name},
        },
        "status": {"loadBalancer": {"ingress": [{"ip": ip} for ip in load_balancers]}},
    }


def endpoints(service: str, ready: int, total: int = 3, namespace: str = NAMESPACE) -> dict[str, Any]:
    """Return the EndpointSlice of a Service, of whose `total` endpoints the first `ready` are ready."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{service}-1",
            "namespace": namespace,
            "labels": {"kubernetes.io/service-name": service},
            "annotations": {"endpoints.kubernetes.io/last-change-trigger-time": _now()},
        },
        "addressType": "IPv4",
        "endpoints": [
            {"addresses": [f"10.1.0.{number}"], "conditions": {"ready": number <= ready}}
            for number in range(1, total + 1)
        ],
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
    }


def _now() -> str:
    """Return the time as the endpoint slice controller writes it (RFC 3339)."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
