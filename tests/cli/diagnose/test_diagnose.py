"""`fedresolver diagnose` on real sockets: each way to break a federation is found by one check, and by no other."""

import email.utils
import json
import shutil
import time

import msgspec
import pytest

from fedresolver.cli.diagnose.checks import CHECKS, found
from fedresolver.cli.diagnose.gathering import Gathering, Wanted
from fedresolver.cli.diagnose.verdict import State
from tests.support.ailing import NAME, ailing
from tests.support.deadline import eventually
from tests.support.dns_server import dns_server, reply
from tests.support.manifests import node, service
from tests.support.relayed import relayed
from tests.support.running import command
from tests.support.stub_api import lies


def look(it, **more):
    """Return what all checks find; `more` is what is looked at."""
    wanted = Wanted(**{"name": NAME, "server": it.url, "resolv_conf": str(it.pod)} | more)
    findings = found(Gathering(wanted, {}, lambda step: None).evidence())
    assert all(bool(one.mend) == (one.state in (State.WARN, State.FAIL)) for one in findings)
    return findings


def failing(findings):
    return {one.name: one.state.value for one in findings if one.state in (State.WARN, State.FAIL)}


def finds(it, expected):
    """Wait until this is all that is not well."""
    seen = []

    def found():
        seen[:] = [one for one in look(it) if one.state in (State.WARN, State.FAIL)]
        return failing(seen) == expected

    try:
        eventually(found, 30.0)
    except AssertionError:
        assert [(one.name, one.state.value, one.seen) for one in seen] == expected  # it says more


def dated(seconds):
    """Return the lie that it is later by so many seconds."""

    def lie(handler):
        async def answer(call):
            honest = await handler(call)
            date = email.utils.formatdate(time.time() + seconds, usegmt=True)
            return msgspec.structs.replace(honest, headers={**honest.headers, "Date": date})

        return answer

    return lie


def no_stub_domain(it):
    it.cluster_dns.respond = lambda asked: reply(asked, rcode="NXDOMAIN")


def loop(it):
    def respond(asked):
        return it.hand_on(asked) if asked.text.endswith("SOA") else reply(asked, rcode="SERVFAIL")

    it.cluster_dns.respond = respond


def bad_corefile(it):
    it.server.corefile.write_text(".:0 {\n    erors\n}\n")


def other_local(it):
    it.configure(local="c9")


def stopped(it):
    it.server.loop.run(it.apis["c2"].stop())


def not_known(it):
    it.apis["c2"].token = "another"
    it.ask_again("c2")


def forbidden(it):
    it.apis["c2"].forbidden |= {(verb, "endpointslices") for verb in ("list", "watch")}
    it.ask_again("c2")


def failing_lists(it):
    it.apis["c2"].lies.tell(lies.refused(503))
    it.ask_again("c2")


def without_labels(it):
    thing = node("n1")
    thing["metadata"]["labels"] = {}
    it.put("c2", thing)


def loopback(it):
    it.put("c2", service("cart", load_balancers=["127.0.0.7"]))


def without_balancer(it):
    it.put("c2", service("cart", load_balancers=[]))


def another_time(it):
    it.apis["c2"].lies.tell(dated(120))
    it.ask_again("c2")


def no_folder(it):
    shutil.rmtree(it.folder / "kept")
    it.put("c2", service("desk", load_balancers=["192.0.2.9"]))


def silent_upstream(it):
    it.upstream.respond = lambda asked: None


BROKEN = [
    pytest.param(lambda it: it.write_pod("nameserver dns.example"), "nameserver", id="no address"),
    pytest.param(lambda it: it.write_pod(search="shop.example"), "search", id="another search list"),
    pytest.param(lambda it: it.write_pod(ndots=1), "ndots", id="ndots"),
    pytest.param(no_stub_domain, "stub domain", id="no stub domain"),
    pytest.param(loop, "stub domain loop", id="a loop"),
    pytest.param(bad_corefile, "corefile", id="a bad Corefile"),
    pytest.param(other_local, "local member", id="a local member that is not there"),
    pytest.param(stopped, "dial", id="an API server that is away"),
    pytest.param(not_known, "credentials", id="another token"),
    pytest.param(forbidden, "rights", id="no rights"),
    pytest.param(failing_lists, "members", id="an API server that fails"),
    pytest.param(without_labels, "labels", id="Nodes without labels"),
    pytest.param(loopback, "load balancers", id="an address that is left out"),
    pytest.param(without_balancer, "load balancers", id="no load balancer"),
    pytest.param(another_time, "clock", id="another time"),
    pytest.param(no_folder, "snapshot", id="nowhere to write the snapshot"),
    pytest.param(silent_upstream, "upstreams", id="an upstream that does not answer"),
]
LOOKED_AT = [
    pytest.param({"name": "cart.shop.other"}, "federation", id="another federation"),
    pytest.param({"name": "absent.shop.myfederation"}, "name", id="a Service that is nowhere"),
    pytest.param({"server": "http://127.0.0.1:1"}, "status page", id="no status page"),
]
DOORS = [
    pytest.param(lambda it: lambda asked: it.relay(asked) if asked.transport == "tcp" else None, "udp", id="no UDP"),
    pytest.param(lambda it: lambda asked: it.relay(asked) if asked.transport == "udp" else None, "tcp", id="no TCP"),
    pytest.param(lambda it: lambda asked: without_opt(it.relay(asked)), "edns", id="no EDNS"),
]


def without_opt(message):
    message.use_edns(False)
    return message


@pytest.fixture
def it(tmp_path, authority):
    with ailing(tmp_path, authority) as found:
        yield found


def test_all_is_well(it):
    assert [(one.name, one.state.value, one.seen) for one in look(it) if one.state is not State.OK] == []


@pytest.mark.parametrize(("break_", "expected"), BROKEN)
def test_what_is_broken_is_found_by_one_check(it, break_, expected):
    break_(it)
    finds(it, {expected: "FAIL"})


def test_a_certificate_that_is_not_believed_is_found_by_one_check(it, stranger):
    it.write(stranger)
    finds(it, {"tls": "FAIL"})


@pytest.mark.parametrize(("more", "expected"), LOOKED_AT)
def test_what_is_asked_for_in_vain_is_found_by_one_check(it, more, expected):
    assert failing(look(it, **more)) == {expected: "FAIL"}


@pytest.mark.parametrize(("door", "expected"), DOORS)
def test_what_does_not_come_through_is_found_by_one_check(it, door, expected):
    with dns_server(door(it)) as between:
        assert failing(look(it, dns=between.address)) == {expected: "FAIL"}


def test_the_command(it):
    words = ("diagnose", NAME, "--server", it.url, "--resolv-conf", str(it.pod))
    done = command(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].split() == ["CHECK", "STATE", "SEEN"]
    assert done.stdout.splitlines()[-1] == f"{len(CHECKS)} OK"
    it.write_pod(ndots=1)
    done = command(*words, "-o", "json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], len(told["checks"])) == (1, False, len(CHECKS))
    assert [one["mend"] for one in told["checks"] if one["state"] == "FAIL"] == [
        'in the pod\'s spec: dnsConfig: {options: [{name: ndots, value: "5"}]}'
    ]


def test_another_version_is_found_by_one_check(it):
    with relayed(it.url, lambda server: server.update(version="9.1.0")) as url:
        assert failing(look(it, server=url)) == {"version": "FAIL"}


def test_from_another_machine_what_is_only_seen_there_is_skipped(it):
    with relayed(it.url, lambda server: server.update(host="fedresolver-7d9f")) as url:
        findings = look(it, server=url, resolv_conf=None)
    assert failing(findings) == {}
    skipped = {one.name: one.seen for one in findings if one.state is State.SKIPPED}
    pod = "this runs in no pod; --resolv-conf names the file of a pod: kubectl exec POD -- cat /etc/resolv.conf > pod.conf"
    there = "the server is on fedresolver-7d9f, not here; --dns names an address of it"
    assert skipped == {
        **dict.fromkeys(("nameserver", "search", "ndots", "stub domain", "stub domain loop"), pod),
        **dict.fromkeys(("udp", "tcp", "edns"), there),
        "corefile": "there is no Corefile here; --conf names one",
    }


def test_a_pod_of_an_application_sees_its_own_way_only(it):
    findings = look(it, server="http://127.0.0.1:1")
    seen = {one.name for one in findings if one.state is State.OK}
    assert seen == {"nameserver", "search", "ndots", "stub domain", "stub domain loop"}


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("a..b",), "fedresolver: NAME: label of 0 octets"),
        (("--dns", "dns.example"), "fedresolver: --dns: dns.example is no IP address; write 192.0.2.1:53"),
    ],
)
def test_wrong_usage_is_one_line(words, error):
    done = command("diagnose", *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(error)


def test_hostile_words_do_not_reach_the_terminal(it):
    it.write_pod("nameserver \x1b[31mred")
    done = command("diagnose", NAME, "--server", it.url, "--resolv-conf", str(it.pod))
    assert (done.returncode, "\x1b" in done.stdout, r"\x1b[31mred" in done.stdout) == (1, False, True)
