"""The federation of the demo: its members as folders of ordinary Kubernetes YAML, and its Corefile."""

from dataclasses import dataclass
from pathlib import Path

SERVICE = "nginx.mynamespace.myfederation"
LOCAL = "gce-us-central1"
NODE_FILE = "node.yaml"
SHARD_FILE = "nginx.yaml"
ZONE_FILE = "acme.com.zone"
"""A zone of somebody's own, whose names lead to the Service; beside this module, and in the folder of the demo."""


@dataclass(frozen=True, slots=True)
class Member:
    """A cluster of the federation: where its node is, and the addresses of its shard inside and outside."""

    name: str
    region: str
    topology_zone: str
    cluster_ip: str
    load_balancer: str


MEMBERS = (
    Member(LOCAL, "us-central1", "us-central1-a", "10.10.0.80", "203.0.113.10"),
    Member("gce-us-east1", "us-east1", "us-east1-b", "10.20.0.80", "203.0.113.20"),
    Member("gce-europe-west1", "europe-west1", "europe-west1-b", "10.30.0.80", "203.0.113.30"),
    Member("gce-asia-east1", "asia-east1", "asia-east1-a", "10.40.0.80", "203.0.113.40"),
)
NEIGHBOURS = (
    Member("gce-us-central1-blue", "us-central1", "us-central1-a", "10.50.0.80", "203.0.113.50"),
    Member("gce-us-central1-f", "us-central1", "us-central1-f", "10.60.0.80", "203.0.113.60"),
)
"""Small members beside the local one: without them the walk would find nobody before the global level."""

COREFILE = f"""\
. {{
    bind 127.0.0.1
    errors
    federation myfederation example.com {{
        manifests members
        local {LOCAL}
    }}
    file {ZONE_FILE} acme.com
}}
"""

_NODE = """\
apiVersion: v1
kind: Node
metadata:
  name: {name}-node-1
  labels:
    topology.kubernetes.io/region: {region}
    topology.kubernetes.io/zone: {topology_zone}
"""
_SHARD = """\
apiVersion: v1
kind: Service
metadata: {{name: nginx, namespace: mynamespace}}
spec:
  type: LoadBalancer
  clusterIP: {cluster_ip}
  clusterIPs: [{cluster_ip}]
  ports:
  - {{name: http, protocol: TCP, port: 80}}
status:
  loadBalancer:
    ingress: [{{ip: {load_balancer}}}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: nginx-1
  namespace: mynamespace
  labels: {{kubernetes.io/service-name: nginx}}
addressType: IPv4
ports:
- {{name: http, protocol: TCP, port: 8080}}
endpoints:
- addresses: [10.244.0.1]
  conditions: {{ready: true}}
- addresses: [10.244.0.2]
  conditions: {{ready: true}}
- addresses: [10.244.0.3]
  conditions: {{ready: true}}
"""


def write(folder: Path) -> None:
    """Write the Corefile and the zone file into `folder`, and each member into `folder/members/<name>/`."""
    (folder / "Corefile").write_text(COREFILE)
    (folder / ZONE_FILE).write_bytes(Path(__file__).with_name(ZONE_FILE).read_bytes())
    for member in (*MEMBERS, *NEIGHBOURS):
        there = folder / "members" / member.name
        there.mkdir(parents=True)
        there.joinpath(NODE_FILE).write_text(_filled(_NODE, member))
        there.joinpath(SHARD_FILE).write_text(_filled(_SHARD, member))


def shard(folder: Path, member: Member) -> str:
    """Return the load balancer address of a member's shard, as its file says it now."""
    return member.load_balancer if member.load_balancer in _shard_text(folder, member) else "-"


def state(folder: Path, member: Member) -> str:
    """Return how a member's shard stands, as its files say it now."""
    if not (folder / "members" / member.name).is_dir():
        return "has left"
    text = _shard_text(folder, member)
    return f"{text.count('ready: true')} of {text.count('ready:')} ready" if text else "no shard"


def _shard_text(folder: Path, member: Member) -> str:
    file = folder / "members" / member.name / SHARD_FILE
    return file.read_text() if file.exists() else ""


def _filled(template: str, member: Member) -> str:
    return template.format(**{name: getattr(member, name) for name in Member.__slots__})
