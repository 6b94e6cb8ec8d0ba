"""Questions to upstreams over virtual time: who is asked when, what ends a question, what is bounded."""

import asyncio
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rrset
import pytest

from fedresolver.server.later import run
from fedresolver.upstream.exchange.udp import LARGEST
from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.upstream.forwarding.checks import Checking
from fedresolver.upstream.forwarding.forwarder import Conduct, Forwarder, TooManyError
from fedresolver.upstream.forwarding.health import State
from fedresolver.upstream.forwarding.policy import Policy
from fedresolver.upstream.forwarding.upstream import Terms, Upstream
from fedresolver.upstream.target import Target
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import ROOT, from_text
from fedresolver.wire.query import question
from tests.support.clock import virtual_loop

WWW = question(from_text("www.example.org"), Type.A)
REFUSED = UpstreamError(Cause.REFUSED, "refused")


@dataclass(eq=False)
class Asked:
    """A question as it left: its octets without the ID, and who waits for the answer."""

    rest: bytes
    taker: object

    @property
    def message(self) -> dns.message.Message:
        return dns.message.from_wire(b"\0\0" + self.rest)


@dataclass
class Pool:
    """Sockets that go nowhere: a test answers by hand."""

    loop: object
    asked: list[Asked] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    forgotten: list[Asked] = field(default_factory=list)
    broken: bool = False
    respond: bool = False
    unexpected: int = 0

    def send(self, rest, question, taker, *, exact):
        if self.broken:
            raise REFUSED
        self.times.append(self.loop.time())
        self.asked.append(Asked(rest, taker))
        if self.respond:
            self.loop.call_soon(self.answer_quietly, self.asked[-1])
        return self.asked[-1]

    def forget(self, asked):
        self.forgotten.append(asked)

    def close(self):
        pass

    def answer(self, number=-1, text="192.0.2.1", rcode=Rcode.NOERROR, flags=0, edns=True):
        """Answer one of the questions with an address, or with a bare rcode."""
        asked = self.asked[number]
        response = dns.message.make_response(asked.message, recursion_available=True)
        response.set_rcode(rcode)
        response.flags |= flags
        if not edns:
            response.use_edns(False)
        name, rtype = response.question[0].name, response.question[0].rdtype
        if rcode == Rcode.NOERROR and rtype == Type.A:
            response.answer.append(dns.rrset.from_text(name, 60, "IN", "A", text))
        self.tell(asked.taker.take, response.to_wire())

    def answer_quietly(self, asked):
        """Answer a question, from within the loop."""
        response = dns.message.make_response(asked.message)
        response.answer.append(dns.rrset.from_text(response.question[0].name, 60, "IN", "A", "192.0.2.1"))
        asked.taker.take(response.to_wire())

    def tell(self, call, *what):
        """Call from within the loop, as a socket that is ready does."""
        self.loop.call_soon(call, *what)
        self.loop.settle()


@dataclass
class Streams:
    """Connections that go nowhere."""

    asked: list[bytes] = field(default_factory=list)
    replies: list[object] = field(default_factory=list)
    closed: bool = False

    async def ask(self, message, seconds):
        self.asked.append(message)
        reply = self.replies.pop(0) if self.replies else UpstreamError(Cause.TIMEOUT, "late")
        if isinstance(reply, UpstreamError):
            raise reply
        response = dns.message.make_response(dns.message.from_wire(message))
        response.answer.append(dns.rrset.from_text(response.question[0].name, 60, "IN", "A", reply))
        return response.to_wire()

    async def close(self):
        self.closed = True


class World:
    """A forwarder with so many upstreams, and what was answered to those who asked."""

    def __init__(self, loop, count=1, terms=None, **conduct):
        self.loop = loop
        terms = terms or Terms()
        self.upstreams = [
            Upstream(Target(f"192.0.2.{number + 1}"), ROOT, terms, None, loop.time) for number in range(count)
        ]
        for upstream in self.upstreams:
            upstream.udp, upstream.streams = Pool(loop), Streams()
        self.pools = [upstream.udp for upstream in self.upstreams]
        conduct = {"policy": Policy.SEQUENTIAL, **conduct}
        self.forwarder = Forwarder(self.upstreams, Conduct(**conduct), loop.time)
        self.outcomes = []

    def ask(self, query=WWW, *, streamed=False):
        async def work():
            try:
                self.outcomes.append(await self.forwarder.ask(query, streamed=streamed))
            except TooManyError:
                self.outcomes.append("too many")

        task = self.loop.create_task(work())
        self.loop.settle()
        return task

    @property
    def said(self):
        """What was answered: addresses, rcodes, causes."""
        self.loop.settle()
        return [self._say(outcome) for outcome in self.outcomes]

    @staticmethod
    def _say(outcome):
        if isinstance(outcome, str):
            return outcome
        if isinstance(outcome, UpstreamError):
            return outcome.cause.value
        if outcome.answer:
            return ".".join(map(str, outcome.answer[-1].rdatas[0]))
        return Rcode(outcome.rcode).name


@pytest.fixture
def world():
    made = []
    with virtual_loop() as loop:

        def make(*args, **more):
            made.append(World(loop, *args, **more))
            return made[-1]

        yield make
        for one in made:
            loop.run_until_complete(one.forwarder.stop())
        assert asyncio.all_tasks(loop) == set()


def test_an_answer_is_given_to_who_asked(world):
    one = world()
    one.ask()
    one.pools[0].answer()
    assert one.said == ["192.0.2.1"]
    assert one.forwarder.upstreams[0].counts.asked == {"udp": 1}
    assert one.forwarder.upstreams[0].counts.rcodes == {0: 1}


def test_the_question_is_asked_with_rd_and_ad_and_our_own_opt(world):
    one = world()
    one.ask()
    message = one.pools[0].asked[0].message
    assert (message.flags, message.edns, message.payload, message.options) == (dns.flags.RD | dns.flags.AD, 0, 1232, ())


def test_a_question_that_is_under_way_is_asked_once(world):
    one = world()
    for _ in range(10_000):
        one.loop.create_task(one.forwarder.ask(WWW))
    one.loop.settle()
    tasks = asyncio.all_tasks(one.loop)
    assert (len(one.pools[0].asked), len(tasks)) == (1, 10_000)
    one.pools[0].answer()
    found = one.loop.run_until_complete(asyncio.gather(*tasks))
    assert {World._say(outcome) for outcome in found} == {"192.0.2.1"}
    one.ask()
    assert len(one.pools[0].asked) == 2


def test_do_and_cd_and_streams_are_questions_of_their_own(world):
    one = world()
    one.ask()
    one.ask(WWW.__class__(**{name: getattr(WWW, name) for name in WWW.__struct_fields__} | {"flags": 0x0110}))
    assert [bool(asked.message.flags & dns.flags.CD) for asked in one.pools[0].asked] == [False, True]
    one.upstreams[0].streams.replies = ["192.0.2.7"]
    one.ask(streamed=True)
    assert (one.said, len(one.pools[0].asked)) == (["192.0.2.7"], 2)


def test_an_asker_that_goes_away_takes_nothing_from_the_others(world):
    one = world()
    first, _ = one.ask(), one.ask()
    first.cancel()
    one.loop.settle()
    one.pools[0].answer()
    assert one.said == ["192.0.2.1"]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_upstream_that_is_silent_is_not_waited_for(world, count):
    one = world(count)
    one.ask()
    one.loop.advance(1.5)
    asked = [len(pool.asked) for pool in one.pools]
    assert asked[1:] == [1, 0][: count - 1], "after a second the next one is asked"
    one.loop.advance(2.0)
    assert [len(pool.asked) for pool in one.pools][2:] == [1][: count - 2]
    one.loop.advance(2.0)
    assert one.said == ["timeout"]


def test_a_late_answer_is_as_good_as_a_fast_one(world):
    one = world(2)
    one.ask()
    one.loop.advance(1.5)
    one.pools[0].answer(0, "192.0.2.77")
    assert one.said == ["192.0.2.77"]
    assert one.pools[1].forgotten == one.pools[1].asked, "and nobody waits for the other"


def test_an_upstream_that_is_not_there_costs_nothing(world):
    one = world(2)
    one.ask()
    one.pools[0].tell(one.pools[0].asked[0].taker.fail, REFUSED)
    one.pools[1].answer(text="192.0.2.2")
    assert (one.said, one.loop.time()) == (["192.0.2.2"], 0.0)


def test_when_nothing_can_leave_the_question_ends_at_once(world):
    one = world(2)
    one.pools[0].broken = one.pools[1].broken = True
    one.ask()
    assert (one.said, one.loop.time()) == (["refused"], 0.0)


def test_a_dead_upstream_costs_one_timeout_and_then_nothing_until_a_check_succeeds(world):
    one = world(2)
    for _ in range(3):
        one.ask(question(from_text("a.example.org"), Type.A))
    one.loop.advance(1.0)
    one.pools[1].answer(text="192.0.2.2")
    assert one.said == ["192.0.2.2"] * 3
    first = len(one.pools[0].asked)
    for number in range(50):
        one.ask(question(from_text(f"{number}.example.org"), Type.A))
        one.pools[1].answer(text="192.0.2.2")
        one.loop.advance(0.1)
    assert one.said == ["192.0.2.2"] * 53
    later = [asked.message for asked in one.pools[0].asked[first:]]
    assert {(str(message.question[0].name), message.question[0].rdtype) for message in later} == {(".", Type.NS)}
    assert one.upstreams[0].state is State.DOWN
    one.pools[0].answer()
    one.loop.settle()
    assert one.upstreams[0].state is State.UP
    one.ask(question(from_text("b.example.org"), Type.A))
    one.pools[0].answer(text="192.0.2.1")
    assert one.said[-1] == "192.0.2.1"


def test_when_all_are_down_nobody_waits(world):
    one = world(1)
    one.ask()
    one.loop.advance(6.0)
    assert (one.said, one.upstreams[0].state) == (["timeout"], State.DOWN)
    before = one.loop.time()
    one.ask()
    assert (one.said, one.loop.time()) == (["timeout", "timeout"], before)


def answering_only(pool, name):
    """Let a pool answer questions for one name as they come."""
    send = pool.send

    def answer(rest, question, taker, *, exact):
        asked = send(rest, question, taker, exact=exact)
        if str(asked.message.question[0].name) == name:
            pool.loop.call_soon(pool.answer_quietly, asked)
        return asked

    pool.send = answer


def test_an_upstream_that_answers_for_its_own_names_but_not_for_the_root_is_up(world):
    one = world()
    answering_only(one.pools[0], "www.example.org.")
    one.ask()
    one.ask(question(from_text("far.example.com"), Type.A))
    one.loop.advance(20.0)
    assert one.said == ["192.0.2.1", "timeout"]
    assert one.upstreams[0].state is State.UP
    one.ask()
    assert one.said[-1] == "192.0.2.1"


def test_a_question_that_finds_all_down_is_what_they_are_checked_with(world):
    one = world()
    answering_only(one.pools[0], "www.example.org.")
    one.ask(question(from_text("far.example.com"), Type.A))
    one.loop.advance(20.0)
    assert one.upstreams[0].state is State.DOWN
    one.ask()
    assert one.said == ["timeout", "timeout"], "nobody waits for it"
    one.loop.advance(5.0)
    assert one.upstreams[0].state is State.UP
    one.ask()
    assert one.said[-1] == "192.0.2.1"


@pytest.mark.parametrize("recursion", [True, False])
def test_a_check_asks_for_what_it_is_told(world, recursion):
    one = world(1, Terms(checking=Checking(name=from_text("check.example"), recursion=recursion)))
    one.ask()
    one.loop.advance(1.5)
    message = one.pools[0].asked[-1].message
    assert (str(message.question[0].name), message.question[0].rdtype) == ("check.example.", Type.NS)
    assert bool(message.flags & dns.flags.RD) is recursion


def test_with_max_fails_0_a_dead_upstream_is_asked_all_the_same(world):
    one = world(1, Terms(max_fails=0))
    one.ask()
    one.loop.advance(6.0)
    assert one.upstreams[0].state is State.UP
    one.ask()
    one.pools[0].answer()
    assert one.said == ["timeout", "192.0.2.1"]


def test_what_loops_is_not_asked(world):
    one = world(2)
    one.upstreams[0].looping = True
    one.ask()
    one.pools[1].answer(text="192.0.2.2")
    one.upstreams[1].looping = True
    one.ask()
    assert one.said == ["192.0.2.2", "timeout"]
    assert one.pools[0].asked == []


def test_a_truncated_answer_is_asked_for_over_a_stream(world):
    one = world()
    one.upstreams[0].streams.replies = ["192.0.2.9"]
    one.ask()
    one.pools[0].answer(flags=dns.flags.TC)
    one.loop.settle()
    assert one.said == ["192.0.2.9"]
    assert one.upstreams[0].counts.asked == {"udp": 1, "tcp": 1}


def test_a_datagram_that_is_larger_than_what_is_read_is_asked_for_over_a_stream(world):
    one = world()
    one.upstreams[0].streams.replies = ["192.0.2.9"]
    one.ask()
    asked = one.pools[0].asked[0]
    one.pools[0].tell(asked.taker.take, dns.message.make_response(asked.message).to_wire().ljust(LARGEST, b"\0"))
    one.loop.settle()
    assert one.said == ["192.0.2.9"]


def test_where_streams_fail_the_next_upstream_is_asked(world):
    one = world(2)
    one.ask()
    one.pools[0].answer(flags=dns.flags.TC)
    one.loop.settle()
    one.loop.settle()
    one.pools[1].answer(text="192.0.2.2")
    assert one.said == ["192.0.2.2"]


def test_force_tcp_never_uses_udp(world):
    one = world(1, Terms(streams_only=True))
    one.upstreams[0].streams.replies = ["192.0.2.9"]
    one.ask()
    one.loop.settle()
    assert (one.said, one.pools[0].asked) == (["192.0.2.9"], [])


@pytest.mark.parametrize("rcode", [Rcode.FORMERR, Rcode.NOTIMP])
def test_an_upstream_that_knows_no_edns_is_asked_without(world, rcode):
    one = world()
    one.ask()
    one.pools[0].answer(rcode=rcode, edns=False)
    assert one.pools[0].asked[1].message.edns == -1
    one.pools[0].answer(edns=False)
    assert one.said == ["192.0.2.1"]


def test_an_upstream_that_answers_edns_with_a_header_alone_is_asked_without(world):
    one = world()
    one.ask()
    pool = one.pools[0]
    pool.tell(pool.asked[0].taker.take, b"\0\0\x81\x81" + bytes(8))
    assert pool.asked[1].message.edns == -1
    pool.answer(edns=False)
    assert one.said == ["192.0.2.1"]


@pytest.mark.parametrize("rcode", [Rcode.SERVFAIL, Rcode.REFUSED, Rcode.NXDOMAIN, Rcode.FORMERR])
def test_an_rcode_is_passed_on(world, rcode):
    one = world(2)
    one.ask()
    one.pools[0].answer(rcode=rcode)
    assert (one.said, one.pools[1].asked) == ([rcode.name], [])


def test_failover_asks_the_next_upstream_and_gives_the_last_word_when_there_is_none(world):
    one = world(2, failover=frozenset((Rcode.SERVFAIL,)))
    one.ask()
    one.pools[0].answer(rcode=Rcode.SERVFAIL)
    one.pools[1].answer(text="192.0.2.2")
    one.ask()
    one.pools[0].answer(rcode=Rcode.SERVFAIL)
    one.pools[1].answer(rcode=Rcode.SERVFAIL)
    assert one.said == ["192.0.2.2", "SERVFAIL"]


def test_an_answer_that_cannot_be_read_is_no_answer(world, caplog):
    one = world(2)
    for _ in range(3):
        one.ask()
        asked = one.pools[0].asked[-1]
        one.pools[0].tell(asked.taker.take, dns.message.make_response(asked.message).to_wire()[:-11] + b"\xff" * 20)
        one.pools[1].answer(text="192.0.2.2")
    assert one.said == ["192.0.2.2"] * 3
    assert one.upstreams[0].state is State.UP, "it is there"
    assert len(caplog.messages) == 1, "which is said once in a minute"
    assert "192.0.2.1:53: an answer cannot be read" in caplog.text


def test_nobody_has_a_readable_answer(world):
    one = world(1)
    one.ask()
    asked = one.pools[0].asked[-1]
    one.pools[0].tell(asked.taker.take, dns.message.make_response(asked.message).to_wire()[:-11] + b"\xff" * 20)
    assert one.said == ["garbage"]


def test_more_askers_than_allowed_are_refused(world):
    one = world(max_concurrent=2)
    for number in range(3):
        one.ask(question(from_text(f"{number}.example.org"), Type.A))
    for number in range(2):
        one.pools[0].answer(number)
    assert sorted(one.said) == ["192.0.2.1", "192.0.2.1", "too many"]
    assert one.forwarder.rejected == 1


def test_when_too_many_wait_the_oldest_question_is_given_up(world):
    one = world()
    one.forwarder.most_askers = 3
    for number in range(5):
        one.ask(question(from_text(f"{number}.example.org"), Type.A))
    assert one.said == ["busy", "busy"]
    for number in (2, 3, 4):
        one.pools[0].answer(number)
    assert one.said[2:] == ["192.0.2.1"] * 3
    assert one.forwarder.dropped == 2


def test_when_all_wait_for_the_same_the_newest_finds_no_room(world):
    one = world()
    one.forwarder.most_askers = 3
    for _ in range(5):
        one.ask()
    assert one.said == ["busy", "busy"]
    one.pools[0].answer()
    assert one.said[2:] == ["192.0.2.1"] * 3


def test_letters_are_mixed_and_must_come_back_so(world):
    one = world(mixed_case=True)
    query = question(from_text("abcdefghijklmnopqrstuvwxyz.example.org"), Type.A)
    one.ask(query)
    name = one.pools[0].asked[0].rest[10:][: len(query.qname)]
    assert name.lower() == query.qname
    assert name != query.qname
    one.pools[0].answer()
    assert one.said == ["192.0.2.1"]


def test_what_is_under_way_comes_to_its_end_when_the_forwarder_stops(world):
    one = world()
    one.ask()
    stopping = one.loop.create_task(one.forwarder.stop())
    one.loop.advance(1.5)
    one.pools[0].answer(0)
    one.loop.run_until_complete(stopping)
    assert one.said == ["192.0.2.1"]
    assert one.upstreams[0].streams.closed


@pytest.mark.parametrize("rcode", [16, 23, 4095])
def test_an_rcode_about_our_edns_is_no_answer_for_a_client(world, rcode):
    """A client without EDNS could not even be told: it would read the lower bits, of 16 that there is no such data."""
    one = world(2)
    one.ask()
    one.pools[0].answer(rcode=rcode)
    one.pools[1].answer(text="192.0.2.2")
    one.ask()
    one.pools[0].answer(rcode=rcode)
    one.pools[1].answer(rcode=rcode)
    assert one.said == ["192.0.2.2", "garbage"]
    assert one.upstreams[0].state is State.UP, "it is there"


def test_rcodes_that_nobody_knows_are_counted_as_one(world):
    one = world()
    for rcode in range(0, 4096, 15):
        one.ask()
        one.pools[0].answer(rcode=rcode)
    assert set(one.upstreams[0].counts.rcodes) == {0, 15, 24}


def test_askers_that_go_away_leave_no_more_behind_than_are_allowed(world):
    one = world()
    one.forwarder.most_askers = 3
    for number in range(50):
        one.ask(question(from_text(f"{number}.example.org"), Type.A)).cancel()
        one.loop.settle()
    pool = one.pools[0]
    assert len(pool.asked) - len(pool.forgotten) == 3
    for number in (47, 48, 49):
        pool.answer(number)
    one.ask()
    pool.answer()
    assert one.said == ["192.0.2.1"]
    assert one.forwarder.dropped == 47


def by_hand(one, work):
    """Drive a handler as the server does, outside of any task; what it returns goes to `said`."""

    def start():
        later = run(work)
        later.start(one.outcomes.append)

    one.loop.call_soon(start)
    one.loop.settle()


def test_who_asks_again_while_the_forwarder_stops_is_answered(world):
    one = world()

    async def twice():
        await one.forwarder.ask(WWW)
        return await one.forwarder.ask(question(from_text("again.example.org"), Type.A))

    by_hand(one, twice())
    stopping = one.loop.create_task(one.forwarder.stop())
    one.loop.settle()
    one.pools[0].answer()
    one.loop.settle()
    one.pools[0].answer(text="192.0.2.2")
    one.loop.run_until_complete(stopping)
    assert one.said == ["192.0.2.2"]


def test_nobody_waits_at_a_stop_for_a_question_whose_askers_have_gone(world):
    one = world()
    one.ask().cancel()
    one.loop.settle()
    one.loop.run_until_complete(one.forwarder.stop())
    assert one.loop.time() == 0.0


def test_a_forwarder_that_has_stopped_asks_nothing(world):
    one = world()
    one.loop.run_until_complete(one.forwarder.stop())
    one.ask()
    assert (one.said, one.pools[0].asked) == (["busy"], []), "which is no news of the upstream, and not kept"


def test_who_asks_again_and_again_does_not_hold_up_the_stop(world):
    one = world()

    async def ever():
        while World._say(await one.forwarder.ask(WWW)) != "busy":
            await asyncio.sleep(0.1)

    one.pools[0].respond = True
    asking = one.loop.create_task(ever())
    one.loop.settle()
    one.loop.run_until_complete(one.forwarder.stop())
    assert one.loop.time() <= 5.0
    one.loop.run_until_complete(asking)


def test_an_answer_over_a_stream_counts_though_the_other_upstream_fails_in_the_same_moment(world):
    one = world(2)
    arrived = one.loop.create_future()

    class Held(Streams):
        async def ask(self, message, seconds):
            await arrived
            return await super().ask(message, seconds)

    one.upstreams[0].streams = Held(replies=["192.0.2.9"])
    one.ask()
    one.pools[0].answer(flags=dns.flags.TC)
    one.loop.advance(1.5)
    arrived.set_result(None)
    one.loop.call_soon(one.pools[1].asked[0].taker.fail, REFUSED)
    one.loop.settle()
    assert one.said == ["192.0.2.9"]


@pytest.mark.parametrize("policy", Policy)
def test_each_policy_asks_all_in_the_end(world, policy):
    one = world(3, policy=policy)
    for number in range(60):
        one.ask(question(from_text(f"{number}.example.org"), Type.A))
    asked = [len(pool.asked) for pool in one.pools]
    expected = {Policy.SEQUENTIAL: [60, 0, 0], Policy.ROUND_ROBIN: [20, 20, 20]}.get(policy)
    assert sum(asked) == 60
    assert asked == expected if expected else min(asked) > 0
    for pool in one.pools:
        for number in range(len(pool.asked)):
            pool.answer(number)
    assert len(one.said) == 60


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("dead", [0, 1])
def test_of_two_upstreams_a_dead_one_costs_each_client_one_slow_answer_at_most(world, policy, dead):
    """Clients that each ask one thing after the other for a minute: of the first upstream, the second, or both."""
    one = world(2, policy=policy)
    alive = one.pools[1 - dead]
    alive.respond = True
    slow = dict.fromkeys(range(20), 0)

    async def client(number):
        await asyncio.sleep(number * 0.13)
        turn = 0
        while one.loop.time() < 60.0:
            turn += 1
            began = one.loop.time()
            outcome = await one.forwarder.ask(question(from_text(f"{turn}.{number}.example.org"), Type.A))
            assert World._say(outcome) == "192.0.2.1"
            slow[number] += one.loop.time() - began > 0.01
            await asyncio.sleep(0.4)

    async def all_clients():
        await asyncio.gather(*map(client, slow))

    one.loop.run_until_complete(all_clients())
    assert max(slow.values()) <= 1
    if policy is not Policy.SEQUENTIAL or dead == 0:
        assert sum(slow.values()) >= 1, "it was asked at all"


def test_who_was_asked_a_moment_ago_is_not_late(world):
    one = world(3)
    one.ask()
    one.loop.advance(0.9)
    one.pools[0].tell(one.pools[0].asked[0].taker.fail, REFUSED)
    assert len(one.pools[1].asked) == 1
    one.loop.advance(0.5)
    assert one.upstreams[1].state is State.UP
    one.pools[1].answer(text="192.0.2.2")
    assert one.said == ["192.0.2.2"]
