"""What changes in members, and in the kubeconfig that names them, shows in the answers at once."""

import dns.rcode
import pytest

from tests.e2e.objects import service
from tests.e2e.resolver import CLUSTER_IP, GLOBAL, LOCAL, balancers, without_some
from tests.support.ask import ask, dig, question
from tests.support.deadline import eventually

HOME = "gce-us-central1"
REMOTE = "gce-europe-west1"


@pytest.mark.parametrize("member", ["gce-us-east1", "gce-europe-west1", "gce-asia-east1"])
def test_endpoints_come_and_go(told, member):
    told.follows(member)


def test_the_local_shard_fails_and_the_answer_is_the_nearest_others(told):
    told.may_lose(HOME)
    told.asker.right(LOCAL, CLUSTER_IP, balancers(), balancers({HOME}))
    told.members[HOME].set_ready("nginx", 0)
    eventually(lambda: told.asker.latest(LOCAL) == balancers({HOME}))
    host, port = told.resolver.address
    printed = dig((host, port), "+short", LOCAL).split()
    assert printed[:3] == [
        "nginx.mynamespace.myfederation.svc.us-central1-a.us-central1.example.com.",
        "nginx.mynamespace.myfederation.svc.us-central1.example.com.",
        "nginx.mynamespace.myfederation.svc.example.com.",
    ]
    assert sorted(printed[3:]) == balancers({HOME}).split()
    told.members[HOME].set_ready("nginx", 1)
    eventually(lambda: told.asker.latest(LOCAL) == CLUSTER_IP)


def test_a_service_is_deleted_and_made_again(told):
    told.may_lose(REMOTE)
    told.members[REMOTE].delete("Service", "nginx")
    told.shows({REMOTE})
    with told.becoming(set()):
        told.members[REMOTE].apply(service("nginx", CLUSTER_IP, "192.0.2.3"))


def test_a_namespace_is_deleted(told):
    told.may_lose(REMOTE)
    told.members[REMOTE].delete_namespace("mynamespace")
    told.shows({REMOTE})
    told.members[REMOTE].install()


def test_a_context_of_the_kubeconfig_is_removed_and_added(told):
    others = [member.context() for name, member in told.members.items() if name != REMOTE]
    told.may_lose(REMOTE)
    told.resolver.told(others)
    told.shows({REMOTE})
    with told.becoming(set()):
        told.resolver.told([*others, told.members[REMOTE].context()])
    told.follows(REMOTE)


def test_what_no_member_has_any_more_is_no_name(told):
    told.may_lose(*told.members)
    told.asker.right(LOCAL, CLUSTER_IP, *without_some(list(told.members), {HOME}))
    for member in told.members.values():
        member.delete("EndpointSlice", "nginx-1")
        member.delete("Service", "nginx")
    eventually(lambda: told.asker.latest(GLOBAL) == "NXDOMAIN")
    assert ask(told.resolver.address, question(LOCAL)).rcode() == dns.rcode.NXDOMAIN
