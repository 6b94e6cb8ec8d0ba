"""Real stub resolvers with the search path of a pod: what they find, and what it takes them to ask."""

import pytest

from tests.neighbours.clients import CLIENTS, HOST, SRV, build
from tests.neighbours.neighbours import NEIGHBOURS
from tests.neighbours.world import (
    ABSENT,
    BALANCERS,
    CLUSTER_DNS,
    CLUSTER_IP,
    CROWD,
    DOWN,
    FAR,
    FEDRESOLVER,
    HERE,
    MANY,
    POD,
)
from tests.support.manuals import ROOT, blocks

PAGE = ROOT / "docs" / "resolvers.md"
(RESOLV_CONF,) = blocks(PAGE.read_text(encoding="utf-8"), "text")
WITHOUT_TCP = {"musl", "BusyBox"}
"""They take what fits into 512 octets; musl does so before 1.2.4."""
ASKS = [pytest.param(client, kind, id=f"{client.name} {kind}") for client in CLIENTS for kind in client.absent]
EVERY = pytest.mark.parametrize(("client", "kind"), ASKS)
EVERY_HOST = pytest.mark.parametrize(("client", "kind"), [ask for ask in ASKS if ask.values[1] != SRV])
EVERY_SRV = pytest.mark.parametrize(("client", "kind"), [ask for ask in ASKS if ask.values[1] == SRV])


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder of what is built for the clients."""
    folder = tmp_path_factory.mktemp("clients")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def pod(hosts, served, tmp_path_factory):
    """A pod whose cluster DNS has us behind a stub domain."""
    _, theirs = hosts
    with NEIGHBOURS[0].running(theirs, tmp_path_factory.mktemp("cluster")):
        yield theirs


@pytest.fixture
def ask(pod, built, served):
    """Ask a client in the pod: what it finds, and what we were asked for it."""
    pod.resolv_conf(RESOLV_CONF)
    served.asked()

    def find(client, kind, name):
        return client.ask(pod, built, kind, name), served.asked()

    return find


def types(kind, client):
    return {SRV: ["SRV"], HOST: ["A", "AAAA"]}.get(kind, ["A"])


@EVERY_HOST
@pytest.mark.parametrize(("name", "found"), [(HERE, {CLUSTER_IP}), (FAR, BALANCERS)], ids=["here", "far"])
def test_one_question_of_each_family_finds_a_service(ask, client, kind, name, found):
    full = f"{name}.{POD}" if kind in client.searches else name
    assert ask(client, kind, name) == (found, [f"udp {rtype} {full}. NOERROR" for rtype in types(kind, client)])


@EVERY_HOST
@pytest.mark.parametrize("name", [f"{HERE}.{POD}", f"{HERE}.{POD}.", f"{HERE.upper()}.{POD.upper()}"])
def test_a_full_name_is_asked_for_as_it_is(ask, client, kind, name):
    lower = name.lower().rstrip(".")
    assert ask(client, kind, name) == ({CLUSTER_IP}, [f"udp {rtype} {lower}. NOERROR" for rtype in types(kind, client)])


@EVERY_HOST
def test_a_public_name_is_found(ask, client, kind):
    assert ask(client, kind, f"{FAR}.svc.example.com")[0] == BALANCERS


@EVERY
@pytest.mark.parametrize("name", [ABSENT, DOWN], ids=["known nowhere", "healthy nowhere"])
def test_what_is_not_there_is_absent_at_once(ask, client, kind, name):
    name = f"_http._tcp.{name}" if kind == SRV else name
    tried = [name, *([f"{name}.{POD}"] if kind in client.searches else [])]
    asked = sorted(f"udp {rtype} {each}. NXDOMAIN" for rtype in types(kind, client) for each in tried)
    assert ask(client, kind, name) == ({client.absent[kind]}, asked)


@EVERY_SRV
def test_a_port_is_found_by_its_name(ask, client, kind):
    found, asked = ask(client, kind, f"_http._tcp.{HERE}")
    full = f"_http._tcp.{HERE}.{POD}" if kind in client.searches else f"_http._tcp.{HERE}"
    assert {service.rstrip(".") for service in found} == {f"80:{HERE}.{POD}"}
    assert asked == [f"udp SRV {full}. NOERROR"]


@EVERY_HOST
def test_a_large_answer_comes_whole_or_as_much_as_fits(ask, client, kind):
    found, asked = ask(client, kind, f"{MANY}.{POD}")
    over_tcp = any(line.startswith("tcp A ") for line in asked)
    if client.name in WITHOUT_TCP and not over_tcp:
        assert set() < found < CROWD
    else:
        assert (found, over_tcp) == (CROWD, True)


ALONE = {"glibc": {CLUSTER_IP}, "musl": {"EAI_AGAIN"}, "c-ares": {"Could not contact DNS servers"}}
"""What they find when the names of their search path are refused; the others find the Service."""


@EVERY_HOST
def test_a_refused_search_path_ends_the_search_of_some(hosts, served, built, client, kind):
    _, theirs = hosts
    theirs.resolv_conf(RESOLV_CONF.replace(CLUSTER_DNS, FEDRESOLVER) + "options timeout:1\n")
    assert client.ask(theirs, built, kind, HERE) == ALONE.get(client.name, {CLUSTER_IP})
