"""What the member clusters hold: the world of `world`, with addresses that API servers take and that may be tried."""

import ipaddress
from collections.abc import Iterator

from bench import truth, world
from bench.truth import LOCAL_TTL, SUFFIX, TTL, Record
from bench.world import LOCAL, MEMBERS, NAMESPACE, PER_MEMBER, Manifest, Member

SERVICES = 5000
"""Services of each member, with three endpoints in one slice each."""

CLUSTER_IPS = "10.0.0.0/14"
"""The API servers' range of ClusterIPs, of which they use the first themselves."""

FIRST = 2
BALANCERS = ipaddress.ip_address("127.64.0.0")
"""Load balancers are on this machine: the probes of the resolver must not leave it. Nothing listens there."""

PULSE = "pulse"
"""The Service whose endpoints come and go: headless in the local member, where CoreDNS shows its endpoints too."""

ENDPOINTS = ("10.200.0.1", "10.200.0.2", "10.200.0.3")


def numbered(services: int) -> list[tuple[str, int]]:
    """Return the Services of each member, each with the number from which its addresses come, the pulse last."""
    names = [f"svc-{number:05}" for number in range(1, services + 1)]
    return [(name, number) for number, name in enumerate([*names, PULSE], FIRST)]


def balancer(member: Member, number: int) -> str:
    """Return the load balancer address of a member's Service."""
    return str(BALANCERS + MEMBERS.index(member) * PER_MEMBER + number)


def service(member: Member, name: str, number: int) -> Manifest:
    """Return a Service with a ClusterIP, a named port and a load balancer address; the local pulse is headless."""
    spec: Manifest = {"ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": 8080}]}
    status: Manifest = {}
    if name == PULSE and member is LOCAL:
        spec |= {"type": "ClusterIP", "clusterIP": "None"}
    else:
        spec |= {"type": "LoadBalancer", "clusterIP": world.cluster_ip(member, number)}
        spec |= {"allocateLoadBalancerNodePorts": False}  # there are 2,768 of them
        status = {"loadBalancer": {"ingress": [{"ip": balancer(member, number)}]}}
    return world.service(member, name, number) | {"spec": spec, "status": status}


def objects(member: Member, services: int) -> Iterator[Manifest]:
    """Give all that a member holds."""
    yield world.node(member)
    for name, number in numbered(services):
        yield service(member, name, number)
        yield world.endpoint_slice(name, ready=True)


def walk(service: str, number: int) -> list[Record]:
    """Return the records of a Service while its local shard is not healthy."""
    names = [record for record in truth.walk(service, number) if record[2] == "CNAME"]
    owner = names[-1][3]
    return [*names, *((owner, TTL, "A", balancer(member, number)) for member in MEMBERS[1:])]


def pulse(*, ready: bool) -> list[Record]:
    """Return the records of the pulse, while its local endpoints are ready and while they are not."""
    if not ready:
        return walk(*numbered(SERVICES)[-1])
    return [(f"{PULSE}.{SUFFIX}", LOCAL_TTL, "A", address) for address in ENDPOINTS]


SLICES = f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"
"""Where the API server has the EndpointSlices."""
