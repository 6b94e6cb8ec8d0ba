"""The checks as rules: evidence of a federation in which all is well, and of what is wrong in one place."""

import msgspec
import pytest

from fedresolver.cli.diagnose.checks import CHECKS, found
from fedresolver.cli.diagnose.evidence import Evidence
from fedresolver.cli.diagnose.heard import Reply, Silence
from fedresolver.cli.diagnose.listener import Listener
from fedresolver.cli.diagnose.page import Page
from fedresolver.cli.diagnose.resolv_conf import ResolvConf
from fedresolver.cli.diagnose.stub_domain import Handing, StubDomain
from fedresolver.cli.diagnose.subject import Subject
from fedresolver.cli.diagnose.upstream import Asked
from fedresolver.cli.diagnose.verdict import State, Unseen
from fedresolver.cli.diagnose.written import Written
from fedresolver.status.documents import (
    Cluster,
    Explanation,
    Federation,
    KindRead,
    Record,
    Server,
    Service,
    ShardOf,
    Snapshot,
    Upstream,
)

ZONE = "myfederation.svc.cluster.local"
SOA = Reply(rcode="NOERROR", authoritative=True, soa="ns.example.com. hm.example.com.", size=1232)
NOBODY = Reply(rcode="NXDOMAIN", authoritative=True, size=1232)
REFUSED = Reply(rcode="REFUSED", size=1232)
FEDERATION = Federation(
    name="myfederation",
    inside=f"{ZONE}.",
    bare="myfederation.",
    domain="example.com.",
    local="c1",
    snapshot=Snapshot(path="/var/lib/fedresolver/state", written=12.0),
)
C1 = Cluster(
    name="c1",
    federation="myfederation",
    status="Ready",
    regions=("north",),
    zones=("oslo",),
    source="API server",
    kinds=(KindRead(name="services"), KindRead(name="nodes")),
    skew=0.4,
)
C2 = msgspec.structs.replace(C1, name="c2", regions=("south",))
UP = Upstream(to="192.0.2.53:53", zone=".", state="up")
SERVER = Server(
    version="0.1.0", uptime=60.0, ready=True, host="here", federations=(FEDERATION,), upstreams=(UP,), listening=()
)
SHARD = ShardOf(member="c1", state="up", healthy=True, ready=2, total=2, addresses=("192.0.2.1",))
CART = Service(name="cart", namespace="shop", federation="myfederation", healthy=1, answered="local", shards=(SHARD,))
PAGE = Page(
    url="http://127.0.0.1:8053",
    server=SERVER,
    clusters=(C1, C2),
    services=(CART,),
    explanation=Explanation(
        name="cart.shop.myfederation.",
        type="A",
        at=0.0,
        rcode="NOERROR",
        answer=(Record(owner="cart.shop.myfederation.", ttl=5, type="A", data="10.0.0.1"),),
        service="shop/cart",
    ),
    beside=True,
)
WELL = Evidence(
    asked="cart.shop.myfederation",
    version="0.1.0",
    subject=Subject("myfederation", ZONE, "cluster.local", "cart.shop.myfederation"),
    page=PAGE,
    conf=ResolvConf(
        path="resolv.conf",
        nameservers=(("10.96.0.10", 53),),
        search=("shop.svc.cluster.local", "svc.cluster.local"),
        ndots=5,
    ),
    stub=StubDomain(
        inside=ZONE,
        servers=(Handing(server="10.96.0.10:53", soa=SOA, nobody=NOBODY),),
        ours=SOA.soa,
        public="example.com",
    ),
    listeners=(Listener(address="127.0.0.1:53", udp=SOA, tcp=SOA),),
    corefile=Written(path="Corefile"),
    upstreams=(Asked(UP, Reply(rcode="NOERROR")),),
    there=True,
)
CHAIN = Record(owner="cart.shop.myfederation.", ttl=5, type="CNAME", data="cart.shop.myfederation.svc.example.com.")
change = msgspec.structs.replace


def page(**parts):
    """Return the evidence with parts of the page changed."""
    return change(WELL, page=change(PAGE, **parts))


def c2(**parts):
    return page(clusters=(C1, change(C2, **parts)))


def kind(**parts):
    return c2(kinds=(KindRead(name="services"), KindRead(name="nodes", **parts)))


def server(**parts):
    return page(server=change(SERVER, **parts))


def federation(**parts):
    return server(federations=(change(FEDERATION, **parts),))


def snapshot(**parts):
    return federation(snapshot=change(FEDERATION.snapshot, **parts))


def shard(**parts):
    return page(services=(change(CART, shards=(SHARD, change(SHARD, member="c2", **parts))),))


def conf(**parts):
    return change(WELL, conf=change(WELL.conf, **parts))


def listener(**parts):
    return change(WELL, listeners=(change(WELL.listeners[0], **parts),))


def handing(**parts):
    return change(WELL, stub=change(WELL.stub, servers=(change(WELL.stub.servers[0], **parts),)))


def upstream(state="up", heard=None):
    one = change(UP, state=state)
    return change(server(upstreams=(one,)), upstreams=(Asked(one, heard),))


BROKEN = [
    ("nameserver", "FAIL", conf(odd=("dns.example",)), "nameserver dns.example is no IP address"),
    ("search", "FAIL", conf(search=("example.com",)), "search example.com: svc.cluster.local is not in it"),
    ("search", "FAIL", conf(search=()), "search (nothing)"),
    ("ndots", "FAIL", conf(ndots=2), "ndots:2"),
    (
        "stub domain",
        "FAIL",
        handing(soa=NOBODY),
        "10.96.0.10:53 answers SOA myfederation.svc.cluster.local with NXDOMAIN",
    ),
    ("stub domain", "FAIL", handing(soa=Silence("no answer in 2s")), "not: no answer in 2s"),
    ("stub domain", "FAIL", handing(soa=change(SOA, soa="ns.other. hm.other.")), "not ns.example.com. hm.example.com."),
    ("stub domain loop", "FAIL", handing(nobody=Reply(rcode="SERVFAIL")), "it may go round"),
    ("stub domain loop", "FAIL", handing(nobody=Silence("no answer in 2s")), "no answer in 2s: it may go round"),
    ("stub domain loop", "FAIL", upstream("loops"), "upstream 192.0.2.53:53 is asked comes back"),
    ("udp", "FAIL", listener(udp=Silence("no answer in 2s")), "127.0.0.1:53 over UDP: no answer in 2s"),
    ("tcp", "FAIL", listener(tcp=Silence("Connection refused")), "over TCP: Connection refused"),
    ("edns", "FAIL", listener(udp=change(SOA, size=None)), "answers without EDNS"),
    ("edns", "WARN", listener(udp=change(SOA, size=4096)), "sends up to 4096 octets over UDP"),
    (
        "corefile",
        "FAIL",
        change(WELL, corefile=Written(path="Corefile", errors=("Corefile:2: no", "Corefile:3: no"))),
        "Corefile:2: no (and 1 more)",
    ),
    (
        "corefile",
        "WARN",
        change(WELL, corefile=Written(path="Corefile", warnings=("Corefile:2: hm",))),
        "Corefile:2: hm",
    ),
    (
        "federation",
        "FAIL",
        listener(udp=REFUSED, tcp=REFUSED),
        "with REFUSED: no server block with `federation` is asked",
    ),
    ("local member", "FAIL", federation(local="c9"), "local c9: there is no such member; there are: c1, c2"),
    ("local member", "WARN", federation(local=""), "no local member is named"),
    (
        "dial",
        "FAIL",
        c2(phase="dial", why="192.0.2.9:6443: Connection refused"),
        "c2: 192.0.2.9:6443: Connection refused",
    ),
    ("tls", "FAIL", c2(phase="tls", why="certificate verify failed"), "c2: certificate verify failed"),
    ("credentials", "FAIL", c2(phase="credentials", why="401"), "c2: 401"),
    ("rights", "FAIL", kind(phase="list", forbidden=True), "forbidden: c2: list nodes"),
    ("rights", "WARN", kind(phase="list", forbidden=True, optional=True), "forbidden: c2: list nodes"),
    ("members", "FAIL", c2(phase="list", why="500"), "c2 is Ready: 500"),
    ("members", "FAIL", c2(status="Stale"), "c2 is Stale: nothing is heard of it"),
    ("members", "FAIL", c2(source="manifests", status="Stale", why="no such folder"), "c2 is Stale: no such folder"),
    ("labels", "FAIL", c2(regions=(), zones=()), "c2: its Nodes name no region"),
    ("labels", "WARN", c2(zones=()), "c2: its Nodes name no topology zone"),
    (
        "name",
        "FAIL",
        page(explanation=change(PAGE.explanation, answer=(), rcode="NXDOMAIN", text="nowhere")),
        "cart.shop.myfederation. A: NXDOMAIN, no records (nowhere)",
    ),
    (
        "name",
        "FAIL",
        page(explanation=change(PAGE.explanation, answer=(CHAIN,), rcode="NXDOMAIN")),
        "cart.shop.myfederation. A: NXDOMAIN, no records",
    ),
    ("load balancers", "FAIL", shard(left_out=("127.0.0.1",)), "shop/cart in c2: left out"),
    ("load balancers", "FAIL", shard(addresses=()), "shop/cart in c2: 2 ready, but no load balancer"),
    ("clock", "FAIL", c2(skew=-120.0), "c2: its clock is 120s behind ours"),
    ("clock", "WARN", c2(skew=20.0), "c2: its clock is 20s ahead of ours"),
    ("snapshot", "FAIL", snapshot(why="cannot be written: No space left on device"), "No space left on device"),
    ("snapshot", "FAIL", change(WELL, there=False), "is not there, though it was written 12s ago"),
    ("snapshot", "WARN", federation(snapshot=None), "no snapshot is kept"),
    ("upstreams", "FAIL", upstream("down"), "192.0.2.53:53 is down"),
    ("upstreams", "FAIL", upstream("up", Silence("no answer in 2s")), "192.0.2.53:53: no answer in 2s"),
    ("upstreams", "WARN", upstream("suspect"), "has just failed to answer"),
    ("version", "FAIL", server(version="0.2.0"), "the server is 0.2.0, this command 0.1.0"),
    ("version", "WARN", server(version="0.1.1"), "the server is 0.1.1, this command 0.1.0"),
]


def states(findings):
    return {one.name: one.state.value for one in findings if one.state in (State.WARN, State.FAIL)}


def test_all_is_well():
    assert {one.name: one.seen for one in found(WELL) if one.state is not State.OK} == {}


@pytest.mark.parametrize(
    ("name", "state", "evidence", "seen"), [pytest.param(*one, id=f"{one[0]}: {one[3]}") for one in BROKEN]
)
def test_what_is_wrong_is_found_by_one_check(name, state, evidence, seen):
    findings = found(evidence)
    assert states(findings) == {name: state}
    finding = next(one for one in findings if one.name == name)
    assert seen in finding.seen
    assert finding.mend


def test_each_check_has_something_that_makes_only_it_fail():
    elsewhere = {"status page"}  # without it most others are skipped, see below
    assert {one[0] for one in BROKEN if one[1] == "FAIL"} | elsewhere == {check.name for check in CHECKS}


def test_what_cannot_be_seen_is_skipped_and_says_why():
    evidence = change(
        WELL,
        page=Unseen("Connection refused"),
        conf=Unseen("no pod"),
        stub=Unseen("no pod"),
        listeners=Unseen("elsewhere"),
        corefile=Unseen("no Corefile"),
        upstreams=Unseen("Connection refused"),
    )
    findings = found(evidence)
    assert states(findings) == {"status page": "FAIL"}
    assert {one.state for one in findings if one.name != "status page"} == {State.SKIPPED}
    assert {one.seen for one in findings} == {"no pod", "elsewhere", "no Corefile", "Connection refused"}


def test_a_stage_that_nobody_gets_to_is_skipped():
    lost = tuple(change(one, phase="dial", why="away") for one in (C1, C2))
    skipped = {one.name for one in found(page(clusters=lost)) if one.state is State.SKIPPED}
    assert skipped == {"tls", "credentials", "rights", "members"}


def test_without_a_stub_domain_nothing_is_said_of_loops():
    loop = next(one for one in found(handing(soa=NOBODY)) if one.name == "stub domain loop")
    assert (loop.state, loop.seen) == (State.SKIPPED, "the stub domain is not there")


def test_members_that_are_folders_have_no_stages():
    folders = tuple(change(one, source="manifests", skew=None) for one in (C1, C2))
    findings = found(page(clusters=folders))
    assert states(findings) == {}
    skipped = {one.name for one in findings if one.state is State.SKIPPED}
    assert skipped == {"dial", "tls", "credentials", "rights", "clock"}


def test_without_a_name_only_addresses_that_are_left_out_are_wrong():
    nobody = change(shard(addresses=()).page, explanation=Unseen("no name"))
    assert states(found(change(WELL, page=nobody))) == {}
    wrong = change(shard(left_out=("fe80::1",)).page, explanation=Unseen("no name"))
    (finding,) = [one for one in found(change(WELL, page=wrong)) if one.state is State.FAIL]
    assert finding.mend == "in the federation's block: allow_addresses fe80::1/128"


def test_names_of_others_do_nothing_in_a_shell():
    (finding,) = [one for one in found(c2(name="c2; reboot", phase="credentials", why="401")) if one.mend]
    assert "$(kubectl --context 'c2; reboot' -n" in finding.mend


def test_what_has_coredns_hand_the_names_on():
    (finding,) = [one for one in found(handing(soa=NOBODY)) if one.mend]
    service = "$(kubectl -n fedresolver get service fedresolver -o jsonpath='{.spec.clusterIP}')"
    assert finding.mend == f"deploy/stub/coredns.sh myfederation example.com {service}"
