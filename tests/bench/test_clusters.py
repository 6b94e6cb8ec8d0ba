import ipaddress

import dns.message
import dns.rcode
import dns.rrset
import pytest

from bench.clusters import churn, content, convergence, start
from bench.clusters.asker import Asker
from bench.clusters.churn import Loaded
from bench.clusters.start import Started
from bench.clusters.turns import CHANGED, turn
from bench.figure import Figure
from bench.load import Paced
from bench.process import BenchError, WrongAnswerError
from bench.queries import query
from bench.truth import Answer
from bench.world import LOCAL, MEMBERS

REMOTE = MEMBERS[1]
NAME = "pulse.mynamespace.myfederation.svc.cluster.local."


def specs(member):
    services = [one for one in content.objects(member, 3) if one["kind"] == "Service"]
    return {one["metadata"]["name"]: one["spec"] for one in services}


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_an_api_server_accepts_the_addresses(member):
    servers = ipaddress.ip_network(content.CLUSTER_IPS)
    first, last = (ipaddress.ip_address(specs(member)[name]["clusterIP"]) for name in ("svc-00001", "svc-00003"))
    assert servers[1] < first < last < servers[-1]


@pytest.mark.parametrize(("member", "cluster_ip"), [(LOCAL, "None"), (REMOTE, "10.0.128.5")], ids=["local", "remote"])
def test_the_pulse_is_headless_where_its_endpoints_are_asked_for(member, cluster_ip):
    assert specs(member)["pulse"]["clusterIP"] == cluster_ip


def test_no_two_shards_have_one_load_balancer_and_all_are_on_this_machine():
    found = [content.balancer(member, number) for member in MEMBERS for _, number in content.numbered(content.SERVICES)]
    assert len(set(found)) == len(found) == 4 * (content.SERVICES + 1)
    assert all(ipaddress.ip_address(address).is_loopback for address in found)


def test_the_pulse_is_its_endpoints_and_without_them_the_walk():
    ready, gone = (content.pulse(ready=state) for state in (True, False))
    assert [record[2:] for record in ready] == [("A", f"10.200.0.{number}") for number in (1, 2, 3)]
    assert [record[2] for record in gone] == ["CNAME"] * 3 + ["A"] * 3
    assert gone[0][0] == ready[0][0] == NAME


def test_endpoints_go_in_turn_and_then_all_come_back():
    turns = [turn(number, 11) for number in range(2 * CHANGED)]
    assert turns[0] == ("svc-00011", False)
    assert turns[CHANGED] == ("svc-00011", True)
    assert {name for name, ready in turns if ready} == {f"svc-{number:05}" for number in range(11, 11 + CHANGED)}


def test_the_events_of_a_load_leave_all_endpoints_ready():
    assert all(turn(number, 1)[1] for number in range(churn.EVENTS - CHANGED, churn.EVENTS))


def address(rdata):
    return Answer(dns.rcode.NOERROR, frozenset([(NAME, 5, "A", rdata)]))


class Replies:
    """A socket that gives these addresses, one after the other."""

    def __init__(self, *addresses):
        self._replies = [self._reply(one) for one in addresses]

    def send(self, message):
        pass

    def recv(self, _):
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    @staticmethod
    def _reply(one):
        if isinstance(one, Exception):
            return one
        reply = dns.message.make_response(query(NAME))
        reply.answer.append(dns.rrset.from_text(NAME, 5, "IN", "A", one))
        return reply.to_wire()


def asker(*replies):
    return Asker("server", Replies(*replies), b"")


def test_a_change_is_seen_when_the_first_new_answer_comes():
    one = asker("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3")
    one.until(address("192.0.2.2"), address("192.0.2.1"))
    one.check(address("192.0.2.3"))


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        pytest.param("192.0.2.3", WrongAnswerError, id="an answer that is neither the old nor the new one"),
        pytest.param(TimeoutError(), BenchError, id="no answer"),
    ],
)
def test_nothing_else_may_come_while_a_change_is_awaited(reply, error):
    with pytest.raises(error):
        asker("192.0.2.1", reply).until(address("192.0.2.2"), address("192.0.2.1"))


def test_an_answer_that_goes_back_is_wrong():
    with pytest.raises(WrongAnswerError):
        asker("192.0.2.1").check(address("192.0.2.2"))


def test_a_server_that_does_not_listen_yet_is_waited_for():
    asker(ConnectionRefusedError(), "192.0.2.1", "192.0.2.2").wait(address("192.0.2.2"))


def test_convergence_stands_beside_that_of_coredns():
    assert convergence.figures([0.002] * 200, [0.001] * 200) == [
        Figure("convergence", "p50", 2.0, "ms", 3.0),
        Figure("convergence", "p95", 2.0, "ms", 6.0),
        Figure("convergence", "coredns p50", 1.0, "ms"),
        Figure("convergence", "p50, ours / coredns", 2.0, "", 3.0),
        Figure("convergence", "coredns p95", 1.0, "ms"),
        Figure("convergence", "p95, ours / coredns", 2.0, "", 4.0),
    ]


def test_convergence_without_coredns_is_ours_alone():
    assert [figure.what for figure in convergence.figures([0.002])] == ["p50", "p95"]


def test_a_start_is_the_median_and_the_last_one_is_looked_at_later():
    found = [Started(2.0, 1.0, 90.0), Started(9.0, 3.0, 99.0), Started(4.0, 2.0, 95.0, 1.5, 200.0)]
    figures = {figure.what: (figure.value, figure.met) for figure in start.figures("a", found, limited=True)}
    assert figures == {
        "ready, median": (4.0, True),
        "CPU, median": (2.0, True),
        "memory, median": (95.0, True),
        "30 s later": (200.0, False),
        "CPU meanwhile": (1.5, None),
    }


def loaded(cpu, seconds, lost=0):
    return Loaded(Paced(100, lost, {"NOERROR": 100}, [seconds] * 100), cpu)


def test_an_event_costs_what_the_load_of_the_same_round_does_not():
    quiet = [loaded(1.0, 0.001), loaded(2.0, 0.001), loaded(1.0, 0.001)]
    changing = [loaded(1.3, 0.002, lost=3), loaded(2.3, 0.002), loaded(9.0, 0.009)]
    figures = churn.figures("a", quiet, changing)
    assert [(figure.what, round(figure.value, 3), figure.met) for figure in figures] == [
        ("CPU of an event", 50.0, True),
        ("p99, quiet", 1.0, None),
        ("p99", 2.0, None),
        ("p99 / quiet", 2.0, True),
        ("lost", 3, False),
    ]


@pytest.mark.parametrize(
    ("rcodes", "seconds", "error"),
    [
        pytest.param({"NOERROR": 1, "NXDOMAIN": 1}, [0.1, 0.1], WrongAnswerError, id="an rcode that is not right"),
        pytest.param({"NOERROR": 2}, [0.1], BenchError, id="an answer without its time"),
    ],
)
def test_a_load_is_not_measured_that_has(rcodes, seconds, error):
    with pytest.raises(error):
        churn.check(Paced(2, 0, rcodes, seconds))


def test_only_services_whose_endpoints_go_may_be_answered_by_the_walk():
    assert [len(churn.answers("svc-00001", 2, goes=goes)) for goes in (False, True)] == [1, 2]
