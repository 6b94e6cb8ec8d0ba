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
    FORWARDING,
    HERE,
    MANY,
    POD,
    serve,
)
from tests.support.manuals import ROOT, blocks

PAGE = ROOT / "docs" / "resolvers.md"
(RESOLV_CONF,) = blocks(PAGE.read_text(encoding="utf-8"), "text")
FOUND = f"{POD}."
SEARCH = (f"default.{POD}.", FOUND, "cluster.local.", "")
"""What is put behind a name, in order."""
OURS = {FOUND, ""}
"""What makes names of the federation's zones."""
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
def cluster(hosts, served, tmp_path_factory):
    """The DNS of a cluster, which has us behind a stub domain."""
    with NEIGHBOURS[0].running(hosts[1], tmp_path_factory.mktemp("cluster")):
        yield hosts[1]


@pytest.fixture(scope="module")
def forwarding(hosts, cluster, tmp_path_factory):
    """A fedresolver that forwards to the DNS of a cluster."""
    with serve(hosts[0], tmp_path_factory.mktemp("forwarding"), FORWARDING, f"forward . {CLUSTER_DNS}") as found:
        yield found


@pytest.fixture(scope="module", params=["behind a stub domain", "before the cluster's DNS"])
def way(request, cluster, served):
    """How pods come to us: the server that they ask, we, and whether we see the questions of no zone of ours."""
    if request.param.startswith("behind"):
        return CLUSTER_DNS, served, False
    return FORWARDING, request.getfixturevalue("forwarding"), True


@pytest.fixture
def ask(way, cluster, built):
    """Ask a client in a pod: what it finds, and what we were asked for it."""
    address, ours, _ = way
    cluster.resolv_conf(RESOLV_CONF.replace(CLUSTER_DNS, address))
    ours.asked()

    def find(client, kind, name):
        return client.ask(cluster, built, kind, name), ours.asked()

    return find


@pytest.fixture
def expect(way):
    """Return what we are asked for a name that is there, or not, when nothing is asked twice."""
    _, _, sees_all = way

    def expected(client, kind, name, rcode="NOERROR"):
        path = SEARCH if kind in client.searches else ("",)
        until = path.index(FOUND) + 1 if FOUND in path and rcode == "NOERROR" else None
        tried = [end for end in path[:until] if sees_all or end in OURS]
        codes = {end: rcode if end in OURS else "NXDOMAIN" for end in tried}
        return sorted(f"udp {rtype} {name}.{end} {codes[end]}" for end in tried for rtype in types(client, kind))

    return expected


def types(client, kind):
    return {SRV: ["SRV"], HOST: ["A", "AAAA"]}.get(kind, ["A"])


@EVERY_HOST
@pytest.mark.parametrize(("name", "found"), [(HERE, {CLUSTER_IP}), (FAR, BALANCERS)], ids=["here", "far"])
def test_one_question_of_each_family_finds_a_service(ask, expect, client, kind, name, found):
    assert ask(client, kind, name) == (found, expect(client, kind, name))


@EVERY_HOST
@pytest.mark.parametrize("name", [f"{HERE}.{POD}", f"{HERE}.{POD}.", f"{HERE.upper()}.{POD.upper()}"])
def test_a_full_name_is_asked_for_as_it_is(ask, client, kind, name):
    lower = name.lower().rstrip(".")
    assert ask(client, kind, name) == ({CLUSTER_IP}, [f"udp {rtype} {lower}. NOERROR" for rtype in types(client, kind)])


@EVERY_HOST
def test_a_public_name_is_found(ask, client, kind):
    assert ask(client, kind, f"{FAR}.svc.example.com")[0] == BALANCERS


@EVERY_HOST
def test_a_name_of_the_cluster_is_found(ask, client, kind):
    assert ask(client, kind, "kubernetes.default.svc.cluster.local")[0] == {"10.96.0.1"}


@EVERY
@pytest.mark.parametrize("name", [ABSENT, DOWN], ids=["known nowhere", "healthy nowhere"])
def test_what_is_not_there_is_absent_at_once(ask, expect, client, kind, name):
    name = f"_http._tcp.{name}" if kind == SRV else name
    assert ask(client, kind, name) == ({client.absent[kind]}, expect(client, kind, name, "NXDOMAIN"))


@EVERY_SRV
def test_a_port_is_found_by_its_name(ask, expect, client, kind):
    found, asked = ask(client, kind, f"_http._tcp.{HERE}")
    assert {service.rstrip(".") for service in found} == {f"80:{HERE}.{POD}"}
    assert asked == expect(client, kind, f"_http._tcp.{HERE}")


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
