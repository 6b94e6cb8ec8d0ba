"""The federation that neighbours and stub resolvers ask for, and what fedresolver was asked."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tests.support.deadline import eventually
from tests.support.manifests import endpoints, node, put, service
from tests.support.network import Host
from tests.support.running import Process, process

FEDRESOLVER = "10.96.0.53"
FORWARDING = "10.96.0.54"
"""A fedresolver that forwards to the cluster's DNS what is not the federation's."""
CLUSTER_DNS = "10.96.0.10"
NODE_LOCAL = "169.254.20.10"
OURS = (f"{FEDRESOLVER}/24", f"{FORWARDING}/24", "fd00::53/64")
THEIRS = (f"{CLUSTER_DNS}/24", f"{NODE_LOCAL}/32", "fd00::10/64")
"""A pod has an IPv4 and an IPv6 address, so that whoever asks only for what it can reach asks for both."""

SUFFIX = "mynamespace.myfederation"
HERE = f"nginx.{SUFFIX}"
"""Healthy locally."""
CLUSTER_IP = "10.0.0.1"
FAR = f"far.{SUFFIX}"
"""Healthy in the other region only."""
BALANCERS = {"192.0.2.9", "192.0.2.10"}
DOWN = f"down.{SUFFIX}"
"""Known, and healthy nowhere."""
MANY = f"many.{SUFFIX}"
"""Has more addresses than 1,232 octets hold."""
CROWD = {f"198.51.100.{number}" for number in range(1, 101)}
MOVING = f"moving.{SUFFIX}"
ABSENT = f"absent.{SUFFIX}"
POD = "svc.cluster.local"
"""What the search path of a pod puts behind such a name."""
PLACES = ("svc.oslo.north.example.com.", "svc.north.example.com.", "svc.example.com.")
"""What the targets of a walk end with, in order."""
LOCAL_TTL = 2
TTL = 180
COREFILE = """
.:53 {{
    bind {address}
    errors
    log . "asked {{proto}} {{type}} {{name}} {{rcode}}"
    federation myfederation example.com {{
        manifests members
        local c1
        local_ttl {ttl}
    }}
    {more}
}}
"""


def write(folder: Path) -> None:
    """Write the members into a folder."""
    here, down = shard("nginx", cluster_ips=[CLUSTER_IP]), shard("down", ready=False)
    put(folder, "c1", "all.yaml", node("n1", "north", "oslo"), *here, *down, *shard("far", ready=False))
    far, half = shard("far", load_balancers=sorted(BALANCERS)), sorted(CROWD)[:50]
    put(
        folder,
        "c2",
        "all.yaml",
        node("n2", "south", "rome"),
        *far,
        *shard("many", load_balancers=half),
        *shard("moving"),
    )
    rest = sorted(CROWD - set(half))
    put(folder, "c3", "all.yaml", node("n3", "south", "rome"), *shard("many", load_balancers=rest))
    move(folder, ready=True)


def move(folder: Path, *, ready: bool) -> None:
    """Have the moving Service healthy locally, or not."""
    put(folder, "c1", "moving.yaml", *shard("moving", ready=ready, cluster_ips=[CLUSTER_IP]))


def shard(name: str, *, ready: bool = True, **more: object) -> tuple[dict[str, object], dict[str, object]]:
    """Return a Service of the namespace, which names its port `http`, and its endpoints."""
    found = service(name, "mynamespace", **more)
    found["spec"]["ports"][0]["name"] = "http"
    return found, endpoints(name, "mynamespace", ready=ready)


class Served:
    """A running fedresolver, and what it was asked."""

    def __init__(self, process: Process, host: Host, address: str, members: Path) -> None:
        self._process = process
        self._host = host
        self._address = address
        self._marks = count()
        self._seen = 0
        self.members = members

    def asked(self) -> list[str]:
        """Return each question since the last call and its answer, sorted: `udp A NAME. NOERROR`."""
        mark = f"mark-{next(self._marks)}.invalid."
        self._host.dig(self._address, mark)
        found = eventually(lambda: re.search(f"asked udp A {mark}", text) if (text := self._process.text) else None)
        lines, self._seen = found.string[self._seen : found.start()], found.end()
        return sorted(re.findall(r"asked (.+)", lines))


@contextmanager
def serve(host: Host, folder: Path, address: str, more: str = "") -> Iterator[Served]:
    """Give a fedresolver on a host; `more` is another directive. At the end it is killed."""
    members = folder / "members"
    write(members)
    corefile = COREFILE.format(address=address, ttl=LOCAL_TTL, more=more)
    with process(folder, corefile, before=host.inside) as started:
        eventually(lambda: host.dig(address, FAR).status == "NOERROR")
        yield Served(started, host, address, members)
