"""A member whose control plane and load balancers are lost together; here load balancers are listeners on loopback."""

import socket
from contextlib import ExitStack, closing

import pytest

from tests.e2e.objects import service
from tests.e2e.resolver import CLUSTER_IP, GLOBAL, LOCAL, Resolver, story
from tests.support.deadline import eventually
from tests.support.proxy import BLACK_HOLE, PASS
from tests.support.running import free_ports

REMOTE = "gce-europe-west1"
ADDRESSES = {
    "gce-us-central1": "127.0.1.1",
    "gce-us-east1": "127.0.1.2",
    "gce-europe-west1": "127.0.1.3",
    "gce-asia-east1": "127.0.1.4",
}
ALL = " ".join(ADDRESSES.values())
WITHOUT = " ".join(address for name, address in ADDRESSES.items() if name != REMOTE)


@pytest.fixture
def port():
    return free_ports(1)[0]


@pytest.fixture
def doors(port):
    """The listeners that stand for load balancers, by member."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(closing(socket.create_server((address, port))))
            for name, address in ADDRESSES.items()
        }


@pytest.fixture
def probing(federation, tmp_path, port, doors):
    for name, member in federation.items():
        found = service("nginx", CLUSTER_IP, ADDRESSES[name])
        found["spec"]["ports"][0]["port"] = port
        member.apply(found)
        member.set_ready("nginx", 1)
    resolver = Resolver(tmp_path, "allow_addresses 127.0.1.0/24")
    resolver.told(member.context() for member in federation.values())
    with resolver.running():
        yield resolver


def test_a_lost_member_is_answered_until_its_load_balancer_is_lost_too(federation, probing, port, doors):
    with story(federation, probing, {LOCAL: CLUSTER_IP, GLOBAL: ALL}) as told:
        # The local member is never doubted, so it is not tried.
        eventually(lambda: probing.metric("probes_total", result="accepted") >= len(doors) - 1, 20)
        federation[REMOTE].proxy.become(BLACK_HOLE)
        told.phase(REMOTE, "stale")
        told.asker.right(GLOBAL, ALL, WITHOUT)
        doors[REMOTE].close()
        eventually(lambda: told.asker.latest(GLOBAL) == WITHOUT, 15)
        told.asker.right(GLOBAL, ALL, WITHOUT)
        with socket.create_server((ADDRESSES[REMOTE], port)):
            eventually(lambda: told.asker.latest(GLOBAL) == ALL, 15)
            federation[REMOTE].proxy.become(PASS)
            told.phase(REMOTE, "synced")
        told.asker.right(GLOBAL, ALL)
