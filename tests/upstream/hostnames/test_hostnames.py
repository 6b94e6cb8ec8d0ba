"""Host names of load balancers are kept resolved: who is asked when, and what is told."""

import asyncio
import logging
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

from fedresolver.chain.handler import REFUSED
from fedresolver.observe.metrics import Metrics
from fedresolver.upstream.hostnames.hostnames import BURST, MOST_IN_FLIGHT, MOST_NAMES, RATE, Hostnames
from tests.support.clock import virtual_loop
from tests.support.elsewhere import Elsewhere
from tests.support.request import answering


class Bench:
    """Host names at work in virtual time, with a store that takes note of what it is told."""

    def __init__(self, loop, chance):
        self.loop = loop
        self.metrics = Metrics()
        self.elsewhere = Elsewhere()
        self.hostnames = Hostnames("f", loop.time, self.metrics, lambda: chance)
        self.told = []

    def hear(self, batch):
        for one in batch:
            self.told.append(" ".join([one.hostname, str(one.ttl), *(str(ip_address(each)) for each in one.addresses)]))

    def do(self, call, *args):
        async def work():
            return call(*args)

        return self.loop.run_until_complete(work())

    def begin(self, *names):
        """Be told, ask elsewhere, and want names for a member."""
        self.do(self.hostnames.attach, self.hear)
        self.do(self.hostnames.ask_through, self.elsewhere)
        self.want(*names)

    def want(self, *names, member="c1"):
        self.do(self.hostnames.want, dict.fromkeys(names, member))

    def drop(self, *names):
        self.do(self.hostnames.drop, names)

    def say(self, name, a, aaaa="NOERROR\n- x 900 3600"):
        self.elsewhere.say(f"{name} A", a.splitlines())
        self.elsewhere.say(f"{name} AAAA", aaaa.splitlines())

    def asked(self):
        found, self.elsewhere.asked = self.elsewhere.asked, []
        return found

    def times(self, question, until):
        """Return at which seconds a question is asked from now on."""
        self.asked()
        seconds = []
        while self.loop.time() < until:
            self.loop.advance(0.5)
            seconds += [self.loop.time()] * self.asked().count(question)
        return seconds


@pytest.fixture
def bench():
    with running() as bench:
        yield bench


@contextmanager
def running(chance=0.0):
    with virtual_loop() as loop:
        bench = Bench(loop, chance)
        yield bench
        loop.run_until_complete(bench.hostnames.stop())
        assert not asyncio.all_tasks(loop)


GOOD = "NOERROR\na.x 60 A 192.0.2.1"


def test_a_name_is_asked_for_in_both_families_by_ourselves_and_told_once(bench):
    bench.say("a.x", GOOD, "NOERROR\na.x 30 AAAA 2001:db8::1")
    bench.begin("a.x")
    bench.loop.advance(1)
    assert bench.asked() == ["a.x A", "a.x AAAA"]
    assert bench.told == ["a.x 30 192.0.2.1 2001:db8::1"]
    assert bench.elsewhere.clients == {"ourselves"}


def test_nothing_is_asked_before_there_is_somebody_to_ask(bench):
    bench.say("a.x", GOOD)
    bench.do(bench.hostnames.attach, bench.hear)
    bench.want("a.x")
    bench.loop.advance(60)
    assert bench.asked() == []
    bench.do(bench.hostnames.ask_through, bench.elsewhere)
    bench.loop.advance(1)
    assert bench.told == ["a.x 60 192.0.2.1"]


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        pytest.param("NOERROR\na.x 60 A 192.0.2.1", [48, 96, 144], id="at 80 % of the TTL"),
        pytest.param("NOERROR\na.x 300 CNAME b.x\nb.x 100 A 192.0.2.1", [80], id="of the least of the chain"),
        pytest.param("NOERROR\na.x 0 A 192.0.2.1", [5, 10, 15], id="never more often than every five seconds"),
        pytest.param("NXDOMAIN\n- x 900 50", [40, 80, 120], id="that there is none has a TTL, too"),
        pytest.param("NXDOMAIN\n- x 900 0", [5, 10, 15], id="of five seconds at the least"),
        pytest.param("SERVFAIL", [5, 15, 35, 75, 135], id="after a failure later and later"),
        pytest.param("raises", [5, 15, 35, 75, 135], id="after an exception as well"),
        pytest.param("silent", [9, 23, 47, 91, 155], id="after silence: four seconds are enough"),
        pytest.param("REFUSED", [5, 15, 35, 75, 135], id="and with nobody who resolves it"),
    ],
)
def test_when_it_is_asked_again(bench, answer, seconds):
    bench.say("a.x", answer)
    bench.begin("a.x")
    assert [int(second) for second in bench.times("a.x A", 160)][: len(seconds)] == seconds


@pytest.mark.parametrize(("chance", "second"), [(0.0, 5), (0.8, 6)])
def test_who_fail_together_are_not_tried_again_together(chance, second):
    with running(chance) as bench:
        bench.say("a.x", "SERVFAIL")
        bench.begin("a.x")
        assert [int(each) for each in bench.times("a.x A", 7)] == [second]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        pytest.param((GOOD, GOOD), ["a.x 60 192.0.2.1"], id="no news"),
        pytest.param(
            ("NOERROR\na.x 60 A 192.0.2.2\na.x 60 A 192.0.2.1", "NOERROR\na.x 60 A 192.0.2.1\na.x 60 A 192.0.2.2"),
            ["a.x 60 192.0.2.1 192.0.2.2"],
            id="another order is no news",
        ),
        pytest.param(
            (GOOD, "NOERROR\na.x 60 A 192.0.2.2"), ["a.x 60 192.0.2.1", "a.x 60 192.0.2.2"], id="another address"
        ),
        pytest.param((GOOD, "SERVFAIL"), ["a.x 60 192.0.2.1"], id="a failure: the last good one stays"),
        pytest.param((GOOD, "NXDOMAIN\n- x 900 60"), ["a.x 60 192.0.2.1", "a.x 0"], id="it is gone"),
        pytest.param(("SERVFAIL", "SERVFAIL"), [], id="never resolved: nothing is known"),
        pytest.param(("SERVFAIL", GOOD), ["a.x 60 192.0.2.1"], id="resolved later"),
        pytest.param(("NXDOMAIN\n- x 900 60",), ["a.x 0"], id="no address is a result"),
        pytest.param(("SERVFAIL", "NOERROR\n- x 900 60"), ["a.x 0"], id="only when both families have said so"),
    ],
)
def test_what_is_told(bench, answers, told):
    first, *then = answers
    bench.say("a.x", first)
    bench.begin("a.x")
    for answer in then:
        bench.loop.advance(1)
        bench.say("a.x", answer)
        bench.loop.advance(60)
    bench.loop.advance(1)
    assert bench.told == told


def test_one_family_that_fails_does_not_take_the_other_along(bench):
    bench.say("a.x", GOOD, "silent")
    bench.begin("a.x")
    bench.loop.advance(4.5)
    assert bench.told == ["a.x 60 192.0.2.1"]


def test_it_is_forgotten_when_nobody_wants_it_any_more(bench):
    bench.say("a.x", GOOD)
    bench.begin("a.x")
    bench.want("a.x")
    bench.drop("a.x")
    bench.loop.advance(60)
    assert len(bench.asked()) == 3
    bench.drop("a.x")
    bench.drop("a.x", "b.x")
    bench.loop.advance(600)
    assert bench.asked() == []


def test_what_is_asked_when_it_is_dropped_is_not_told(bench):
    bench.say("a.x", "NOERROR after 2s\na.x 60 A 192.0.2.1")
    bench.begin("a.x")
    bench.loop.advance(1)
    bench.drop("a.x")
    bench.say("a.x", "NOERROR after 2s\na.x 60 A 192.0.2.9")
    bench.want("a.x")
    bench.loop.advance(5)
    assert bench.told == ["a.x 60 192.0.2.9"]


def test_who_comes_later_is_told_what_is_known(bench):
    bench.say("a.x", GOOD)
    bench.begin("a.x")
    bench.loop.advance(1)
    bench.do(bench.hostnames.detach, bench.hear)
    bench.told.clear()
    bench.do(bench.hostnames.attach, bench.hear)
    bench.want("a.x")
    assert bench.told == ["a.x 60 192.0.2.1"] * 2


def test_who_is_detached_is_told_nothing(bench):
    bench.say("a.x", "NOERROR after 1s\na.x 60 A 192.0.2.1")
    bench.begin("a.x")
    bench.do(bench.hostnames.detach, bench.hear)
    bench.do(bench.hostnames.detach, bench.hear)
    bench.loop.advance(2)
    assert bench.told == []


def test_the_newest_chain_is_asked_and_the_others_what_it_refuses(bench):
    bench.say("a.x", GOOD)
    bench.begin()
    refusing = answering(REFUSED)
    bench.do(bench.hostnames.ask_through, refusing)
    bench.want("a.x")
    bench.loop.advance(1)
    assert bench.told == ["a.x 60 192.0.2.1"]
    bench.do(bench.hostnames.ask_no_more, bench.elsewhere)
    bench.want("b.x")
    bench.asked()
    bench.loop.advance(1)
    assert bench.asked() == []


# Who waits for the first try


def wait(bench, names, seconds):
    """Return whether a try ended for which somebody waits, and when."""
    begin = bench.loop.time()
    tried = bench.loop.run_until_complete(bench.hostnames.tried(names, seconds))
    return tried, bench.loop.time() - begin


def test_the_first_try_is_waited_for(bench):
    bench.say("a.x", "NOERROR after 2s\na.x 60 A 192.0.2.1")
    bench.begin("a.x")
    assert wait(bench, ["a.x", "b.x"], 5) == (True, 2)
    assert bench.told == ["a.x 60 192.0.2.1"]
    assert wait(bench, ["a.x"], 5) == (False, 0)


def test_but_not_longer_than_so(bench):
    bench.say("a.x", "NOERROR after 2s\na.x 60 A 192.0.2.1")
    bench.begin("a.x")
    assert wait(bench, ["a.x"], 1) == (False, 1)
    assert wait(bench, ["a.x"], 0) == (False, 0)


def test_one_of_several_is_enough(bench):
    bench.say("a.x", "silent")
    bench.say("b.x", "NOERROR after 1s\nb.x 60 A 192.0.2.1")
    bench.begin("a.x", "b.x")
    assert wait(bench, ["a.x", "b.x"], 5) == (True, 1)


def test_a_name_that_is_dropped_is_not_waited_for(bench):
    bench.say("a.x", "silent")
    bench.begin("a.x")
    bench.do(bench.loop.call_later, 1, bench.hostnames.drop, ["a.x"])
    assert wait(bench, ["a.x"], 5)[1] == 1


def test_what_is_waited_for_is_asked_next(bench):
    bench.do(bench.hostnames.attach, bench.hear)
    bench.want(*(f"n{number}.x" for number in range(10)))
    waiting = bench.loop.create_task(bench.hostnames.tried(["n7.x"], 5))
    bench.loop.settle()
    bench.do(bench.hostnames.ask_through, bench.elsewhere)
    bench.loop.run_until_complete(waiting)
    assert bench.asked()[:3] == ["n7.x A", "n7.x AAAA", "n0.x A"]


# The budget


def test_so_many_a_second_and_no_more(bench):
    bench.begin()
    bench.want(*(f"n{number}.x" for number in range(200)))
    bench.loop.settle()
    bench.loop.advance(0.001)
    assert len(bench.asked()) == BURST
    bench.loop.advance(1)
    assert abs(len(bench.asked()) - RATE) <= 1
    bench.loop.advance(10)
    assert len(bench.elsewhere.asked) >= 400 - BURST - RATE - 1


def test_so_many_at_a_time_and_no_more(bench):
    for number in range(40):
        bench.say(f"n{number}.x", "silent", "silent")
    bench.begin()
    bench.want(*(f"n{number}.x" for number in range(40)))
    bench.loop.advance(3)
    assert len(bench.asked()) == MOST_IN_FLIGHT


def test_a_member_with_many_names_does_not_keep_the_others_waiting(bench):
    bench.do(bench.hostnames.attach, bench.hear)
    bench.want(*(f"n{number}.x" for number in range(1000)), member="c1")
    bench.want("a.x", member="c2")
    bench.do(bench.hostnames.ask_through, bench.elsewhere)
    bench.loop.advance(0.1)
    assert {"a.x A", "a.x AAAA"} <= set(bench.asked()[:4])


def test_a_member_has_so_many_names_and_no_more(bench, caplog):
    bench.do(bench.hostnames.attach, bench.hear)
    bench.want(*(f"n{number}.x" for number in range(MOST_NAMES + 2)), member="c1")
    bench.want("a.x", member="c2")
    bench.hostnames.refresh_metrics()
    gauge = bench.metrics.gauge(
        "fedresolver_federation_hostnames",
        "Host names of load balancers, by whether it is known where they lead to.",
        ("federation", "state"),
        read=True,
    )
    assert gauge.value("f", "unknown") == MOST_NAMES + 1
    assert [record.getMessage() for record in caplog.records] == [
        "member c1 has more than 10000 host names of load balancers: the others are not resolved"
    ]


# What an operator reads


def test_a_name_that_is_none_never_resolves(bench, caplog):
    bad = f"{'a' * 64}.x"
    bench.begin(bad)
    bench.loop.advance(60)
    assert (bench.asked(), bench.told, wait(bench, [bad], 5)) == ([], [], (False, 0))
    bench.drop(bad)
    assert [record.getMessage() for record in caplog.records] == [
        f"host name {bad} of a load balancer does not resolve: it is no DNS name"
    ]


def test_an_outage_is_said_once_and_its_end_as_well(bench, caplog):
    with caplog.at_level(logging.INFO, "fedresolver"):
        bench.say("a.x", "SERVFAIL")
        bench.begin("a.x")
        bench.loop.advance(100)
        bench.say("a.x", GOOD)
        bench.loop.advance(100)
    assert [record.getMessage() for record in caplog.records] == [
        "host name a.x of a load balancer does not resolve: A: SERVFAIL",
        "host name a.x of a load balancer resolves again",
    ]


def test_a_server_that_takes_all_names_along_does_not_fill_the_log(bench, caplog):
    names = [f"n{number}.x" for number in range(50)]
    for name in names:
        bench.say(name, "SERVFAIL")
    bench.begin(*names)
    bench.loop.advance(100)
    assert len(caplog.records) == 10


def test_what_is_counted(bench):
    bench.say("a.x", GOOD)
    bench.say("b.x", "SERVFAIL", "SERVFAIL")
    bench.begin("a.x", "b.x")
    bench.loop.advance(1)
    counter = bench.metrics.counter(
        "fedresolver_federation_hostname_lookups_total",
        "Questions for host names of load balancers, by how they ended.",
        ("federation", "result"),
    )
    assert [counter.value("f", result) for result in ("found", "none", "failed")] == [1, 1, 2]
