"""Upstreams that loop and that do not, over virtual time."""

import logging
from contextlib import contextmanager

import pytest

from fedresolver.chain.handler import OURSELVES, REFUSED, Request
from fedresolver.plugins.loop.handler import CAUGHT, catcher
from fedresolver.plugins.loop.watch import LoopWatch
from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.wire.const import Type
from fedresolver.wire.name import ROOT, from_text, labels
from fedresolver.wire.query import question
from tests.support.clock import virtual_loop
from tests.support.request import answering

LOOPS, ANSWERS, IS_SILENT, IS_LATE = "loops", "answers", "is silent", "sends it back late"


class FakeUpstream:
    """A server that does with a question what a test says."""

    def __init__(self, loop, name="192.0.2.53:53", zone=".", does=ANSWERS):
        self.name = name
        self.zone = from_text(zone)
        self.looping = False
        self.does = does
        self.asked = []
        self.at = []
        self.gets = None
        self.replies = []
        self._loop = loop

    async def ask(self, query, seconds):
        self.asked.append(query)
        self.at.append(self._loop.time())
        if self.does == LOOPS:
            self.replies.append(await self.send_back(query))
        if self.does == IS_LATE:
            self._loop.call_later(seconds + 0.1, lambda: self._loop.create_task(self.send_back(query)))
        if self.does in (IS_SILENT, IS_LATE):
            raise UpstreamError(Cause.TIMEOUT, self.name)

    async def send_back(self, query):
        """Ask us what it was asked, in other letters."""
        return await self.gets(Request(query, OURSELVES, ROOT, 50, 0.0))


@contextmanager
def watching(*does, zones=(".",), zone="."):
    """Give the loop and upstreams that are watched."""
    with virtual_loop() as loop:
        upstreams = [FakeUpstream(loop, f"192.0.2.{number}:53", zone, one) for number, one in enumerate(does, 1)]
        watch = LoopWatch(upstreams, tuple(map(from_text, zones)))
        for upstream in upstreams:
            upstream.gets = catcher(watch.catch)(answering(REFUSED))
        loop.run_until_complete(watch.start())
        yield loop, *upstreams
        loop.run_until_complete(watch.stop())


def told(caplog):
    return [f"{record.levelname} {record.getMessage()}" for record in caplog.records]


OUT = (
    "WARNING upstream 192.0.2.1:53 loops: what it is asked comes back to this server; it is left out until that ends: "
    "let `forward` name no server that asks this one"
)
IN = "INFO upstream 192.0.2.1:53 does not loop any more, it is asked again"


@pytest.fixture(autouse=True)
def all_lines(caplog):
    caplog.set_level(logging.INFO, "fedresolver.loop")


def test_one_that_loops_is_taken_out_at_once_and_told_once(caplog):
    with watching(LOOPS) as (loop, upstream):
        loop.advance(0.3)
        assert upstream.looping
        loop.advance(3600)
        assert upstream.looping
    assert told(caplog) == [OUT]


def test_one_that_answers_stays(caplog):
    with watching(ANSWERS) as (loop, upstream):
        loop.advance(3600)
        assert not upstream.looping
    assert told(caplog) == []


def test_each_is_judged_by_itself():
    with watching(ANSWERS, LOOPS, IS_SILENT, LOOPS) as (loop, *upstreams):
        loop.advance(0.3)
        assert [upstream.looping for upstream in upstreams] == [False, True, False, True]


def test_the_probe_is_answered_and_goes_no_further():
    with watching(LOOPS) as (loop, upstream):
        loop.advance(60)
        assert len(upstream.replies) > 3
        assert set(map(id, upstream.replies)) == {id(CAUGHT)}


def test_probes_are_names_of_128_bits_that_never_repeat():
    with watching(ANSWERS, ANSWERS, zone="example.org") as (loop, *upstreams):
        loop.advance(600)
        queries = [query for upstream in upstreams for query in upstream.asked]
        names = {query.qname for query in queries}
        assert len(names) == len(queries) > 40
        for query in queries:
            number, *zone = labels(query.qname)
            assert (len(number), zone) == (32, [b"example", b"org"])
            int(number, 16)
            assert query.qtype == Type.HINFO


@pytest.mark.parametrize(
    ("does", "expected"),
    [
        pytest.param(
            ANSWERS, [0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 31.75, 61.75, 91.75], id="quickly, then every 30 s"
        ),
        pytest.param(LOOPS, [0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 25.75, 35.75, 45.75], id="every 10 s while it loops"),
    ],
)
def test_when_it_is_probed(does, expected):
    with watching(does) as (loop, upstream):
        loop.advance(100)
        assert upstream.at[: len(expected)] == expected


def test_a_loop_that_comes_later_is_found_within_half_a_minute():
    with watching(ANSWERS) as (loop, upstream):
        loop.advance(1000)
        upstream.does = LOOPS
        loop.advance(30)
        assert upstream.looping


def test_one_that_answers_without_asking_us_is_put_in_again(caplog):
    with watching(LOOPS) as (loop, upstream):
        loop.advance(1000)
        upstream.does = ANSWERS
        loop.advance(10)
        assert not upstream.looping
    assert told(caplog) == [OUT, IN]


def test_a_probe_that_is_lost_proves_nothing(caplog):
    with watching(LOOPS) as (loop, upstream):
        loop.advance(1000)
        for does in (IS_SILENT, IS_SILENT, LOOPS, IS_SILENT, IS_SILENT, LOOPS):
            upstream.does = does
            loop.advance(10)
            assert upstream.looping
    assert told(caplog) == [OUT]


def test_one_that_never_answers_is_put_in_again_in_the_end():
    with watching(LOOPS) as (loop, upstream):
        loop.advance(1000)
        upstream.does = IS_SILENT
        loop.advance(20)
        assert upstream.looping
        loop.advance(10)
        assert not upstream.looping


def test_one_that_sends_it_back_after_its_time_is_taken_out_too(caplog):
    with watching(IS_LATE) as (loop, upstream):
        loop.advance(3600)
        assert upstream.looping
    assert told(caplog) == [OUT]


def test_only_the_last_two_probes_are_expected():
    with watching(ANSWERS) as (loop, upstream):
        loop.advance(3600)
        replies = [loop.run_until_complete(upstream.send_back(query)) for query in upstream.asked]
        assert [reply is CAUGHT for reply in replies[-3:]] == [False, True, True]
        assert all(reply is REFUSED for reply in replies[:-2])


@pytest.mark.parametrize("name", ["www.example.org", f"{'0' * 32}", f"{'ab' * 16}.example.org", "."])
def test_other_names_and_the_probes_of_others_go_on(name):
    with watching(LOOPS, zone="example.org") as (loop, upstream):
        loop.advance(60)
        assert loop.run_until_complete(upstream.send_back(question(from_text(name), Type.HINFO))) is REFUSED


def test_a_query_of_another_type_is_caught_too():
    with watching(ANSWERS) as (loop, upstream):
        loop.advance(1)
        minimised = question(upstream.asked[-1].qname, Type.NS)
        assert loop.run_until_complete(upstream.send_back(minimised)) is CAUGHT
        assert upstream.looping


def test_an_upstream_that_nothing_goes_to_is_not_asked():
    with watching(ANSWERS, zone="example.com", zones=["example.org"]) as (loop, upstream):
        loop.advance(60)
        assert upstream.asked == []


def test_upstreams_that_come_between_setup_and_start_are_watched():
    with virtual_loop() as loop:
        upstreams = []
        watch = LoopWatch(upstreams, (ROOT,))
        upstreams.append(FakeUpstream(loop))
        loop.run_until_complete(watch.start())
        loop.advance(1)
        loop.run_until_complete(watch.stop())
        assert len(upstreams[0].asked) == 2


def test_the_end_leaves_nothing_behind(caplog):
    with virtual_loop() as loop:
        upstream = FakeUpstream(loop, does=LOOPS)
        watch = LoopWatch([upstream], (ROOT,))
        upstream.gets = catcher(watch.catch)(answering(REFUSED))
        loop.run_until_complete(watch.start())
        loop.advance(1)
        assert upstream.looping
        loop.run_until_complete(watch.stop())
        loop.run_until_complete(watch.stop())
        assert not upstream.looping
        asked = len(upstream.asked)
        loop.advance(100)
        assert len(upstream.asked) == asked
        assert loop.run_until_complete(upstream.send_back(upstream.asked[-1])) is REFUSED
