"""A cache before another server, over virtual time: what is asked, when, and what a client is told."""

import asyncio
from itertools import product
from math import inf

import pytest
from msgspec.structs import replace

from fedresolver.chain.handler import OURSELVES, Ede, Reply, Request
from fedresolver.upstream.memory import caching
from fedresolver.upstream.memory.caching import Caching
from fedresolver.upstream.memory.keeping import Policy, Prefetch, Share, Stale
from fedresolver.upstream.memory.lifetime import Kind
from fedresolver.wire.const import CD, Type
from fedresolver.wire.name import ROOT, from_text
from fedresolver.wire.query import Edns, question
from tests.support.clock import virtual_loop
from tests.support.foreign import Upstream, reply
from tests.support.foreign import told as shown
from tests.support.request import records, request

A, B = "www.example.org {} A 192.0.2.1", "www.example.org {} A 192.0.2.2"
TEN = A.format(10)
SOA = "example.org {} SOA ns.example.org admin.example.org 1 2 3 4 {}"
NXDOMAIN = "NXDOMAIN /" + SOA.format(20, 20)


class Counted:
    """What a cache told of itself."""

    def __init__(self):
        self.misses = self.prefetches = self.stale = 0
        self.evictions = []

    def missed(self):
        self.misses += 1

    def prefetched(self):
        self.prefetches += 1

    def gave_stale(self):
        self.stale += 1

    def evicted(self, kind):
        self.evictions.append(kind)


class Bench:
    """A cache, the server behind it, and the clock of both."""

    def __init__(self, loop, policy, says):
        self.loop, self.counted = loop, Counted()
        self.upstream = Upstream(loop, says)
        self.cache = Caching(policy, loop.time, self.counted)
        self.handler = self.cache.wrap(self.upstream)

    def reply(self, text="www.example.org A", **parts):
        return self.loop.run_until_complete(self.handler(request(text, **parts)))

    def ask(self, text="www.example.org A", **parts):
        return shown(self.reply(text, **parts))

    def at(self, moment):
        """Let time pass until `moment`."""
        self.loop.advance(moment - self.loop.time())

    @property
    def asked(self):
        """The moments at which the server was asked."""
        return self.upstream.asked


@pytest.fixture
def bench():
    """Give a function that makes benches; at the end no task may be left."""
    made = []
    with virtual_loop() as loop:

        def make(says=TEN, **policy):
            made.append(Bench(loop, Policy(**policy), says))
            return made[-1]

        yield make
        for one in made:
            loop.run_until_complete(one.cache.stop())
        assert asyncio.all_tasks(loop) == set()


@pytest.mark.parametrize(
    ("policy", "says", "answers", "asked"),
    [
        pytest.param({}, A.format(3), {0: "A 3 192.0.2.1", 0.9: "A 3 192.0.2.1", 1: "A 2 192.0.2.1", 2.9: "A 1 192.0.2.1", 3: "A 3 192.0.2.1"}, [0, 3], id="an answer counts down and ends"),
        pytest.param({}, "www.example.org 2 CNAME x.org; x.org 9 A 192.0.2.1", {0: "CNAME 2 x.org., A 9 192.0.2.1", 1: "CNAME 1 x.org., A 8 192.0.2.1", 2: "CNAME 2 x.org., A 9 192.0.2.1"}, [0, 2], id="with its first record"),
        pytest.param({}, NXDOMAIN, {0: "NXDOMAIN, SOA 20", 19: "NXDOMAIN, SOA 1", 20: "NXDOMAIN, SOA 20"}, [0, 20], id="a denial"),
        pytest.param({}, "/" + SOA.format(9, 2), {0: "SOA 2", 1: "SOA 1", 2: "SOA 2"}, [0, 2], id="NODATA"),
        pytest.param({}, A.format(99999), {0: "A 3600 192.0.2.1", 3599: "A 1 192.0.2.1", 3600: "A 3600 192.0.2.1"}, [0, 3600], id="an hour at most, from the first answer on"),
        pytest.param({}, "/" + SOA.format(99999, 99999), {0: "SOA 1800", 1800: "SOA 1800"}, [0, 1800], id="half an hour for denials"),
        pytest.param({}, A.format(0), {0: "A 0 192.0.2.1", 0.1: "A 0 192.0.2.1"}, [0, 0.1], id="TTL 0 is not kept"),
        pytest.param({"success": Share(most=9, least=5)}, A.format(0), {0: "A 5 192.0.2.1", 4: "A 1 192.0.2.1", 5: "A 5 192.0.2.1"}, [0, 5], id="but with MINTTL"),
        pytest.param({"counting": False}, A.format(3), {0: "A 3 192.0.2.1", 2.5: "A 3 192.0.2.1", 3: "A 3 192.0.2.1"}, [0, 3], id="keepttl"),
        pytest.param({}, "NXDOMAIN ", {0: "NXDOMAIN", 1: "NXDOMAIN"}, [0, 1], id="a denial without SOA is not kept"),
        pytest.param({}, "SERVFAIL ", {0: "SERVFAIL", 1: "SERVFAIL, EDE13", 4.9: "SERVFAIL, EDE13", 5: "SERVFAIL"}, [0, 5], id="a failure, for five seconds"),
        pytest.param({"failure": 60}, "SERVFAIL ", {0: "SERVFAIL", 59: "SERVFAIL, EDE13", 60: "SERVFAIL"}, [0, 60], id="or longer"),
        pytest.param({"failure": 0}, "SERVFAIL ", {0: "SERVFAIL", 1: "SERVFAIL"}, [0, 1], id="or not"),
        pytest.param({}, "REFUSED ", {0: "REFUSED", 1: "REFUSED"}, [0, 1], id="other errors are not kept"),
        pytest.param({"zones": (from_text("example.net"),)}, A.format(9), {0: "A 9 192.0.2.1", 1: "A 9 192.0.2.1"}, [0, 1], id="names of other zones are not"),
        pytest.param({"zones": (from_text("example.org"),)}, A.format(9), {0: "A 9 192.0.2.1", 1: "A 8 192.0.2.1"}, [0], id="names of the zones are"),
        pytest.param({"success": Share(most=60, disabled=(from_text("org"),))}, A.format(99), {0: "A 99 192.0.2.1", 1: "A 99 192.0.2.1"}, [0, 1], id="no answers where that is disabled"),
        pytest.param({"success": Share(most=60, disabled=(from_text("net"),))}, A.format(9), {0: "A 9 192.0.2.1", 1: "A 8 192.0.2.1"}, [0], id="which is elsewhere"),
        pytest.param({"denial": Share(most=60, disabled=(from_text("."),))}, NXDOMAIN, {0: "NXDOMAIN, SOA 20", 1: "NXDOMAIN, SOA 20"}, [0, 1], id="no denials"),
        pytest.param({}, "www.example.org 9 TXT " + "|".join(["x" * 250] * 300), {0: "TXT 9", 1: "TXT 9"}, [0, 1], id="nothing too large"),
        pytest.param({"success": Share(most=60, capacity=1)}, "www.example.org 9 TXT " + "|".join(["x" * 250] * 9), {0: "TXT 9", 1: "TXT 9"}, [0, 1], id="nothing above the capacity"),
    ],
)  # fmt: skip
def test_what_is_kept(bench, policy, says, answers, asked):
    one, found = bench(says, **policy), {}
    for moment in answers:
        one.at(moment)
        found[moment] = one.ask()
    assert (found, one.asked) == (answers, asked)


def test_only_what_others_said_is_kept(bench):
    one = bench(Reply(answer=records("192.0.2.1"), cell=[True]))
    assert [one.reply() for _ in range(2)] == [one.upstream.says] * 2
    assert (one.asked, one.counted.misses) == ([0, 0], 0)


def test_each_question_has_its_answer(bench):
    one = bench(NXDOMAIN)
    for _ in range(2):
        for text in ("www.example.org A", "www.example.org AAAA", "example.org A", "WWW.example.org A"):
            one.ask(text)
        one.ask(edns=Edns(1232))
        one.ask(edns=Edns(1232, do=True))
        query = request().query
        for flags, edns in ((CD, None), (CD, Edns(1232, do=True))):
            asked = replace(request(), query=replace(query, flags=query.flags | flags, edns=edns))
            one.loop.run_until_complete(one.handler(asked))
    assert (len(one.asked), one.counted.misses) == (6, 6)


def test_a_kept_answer_is_the_caches_and_has_what_it_came_with(bench):
    one = bench(reply(A.format(10), authentic=True, turns=True, cell=[True]))
    first, second = one.reply(), one.reply()
    assert (first.plugin, second.plugin) == ("forward", "cache")
    assert replace(second, plugin="forward", cell=None, life=None) == first
    assert (second.foreign, second.authentic, second.turns, second.authoritative) == (True, True, True, False)


def test_a_kept_failure_says_what_it_said(bench):
    one = bench(reply("SERVFAIL ", ede=Ede(22, "nobody"), failure="no route"))
    found = [one.reply() for _ in range(2)]
    assert [(each.ede, each.failure) for each in found] == [(Ede(22, "nobody"), "no route")] * 2
    assert [each.plugin for each in found] == ["forward", "cache"]


def test_a_failure_may_be_repeated_when_it_is_given_again(bench):
    one = bench(reply("SERVFAIL "))
    first = one.reply()
    assert first is one.upstream.says
    assert (first.cell, first.life) == (None, None)
    one.at(1.5)
    second = one.reply()
    assert (second.cell, second.life.until, second.life.since) == ([True], 5, 1)


@pytest.mark.parametrize("says", [A.format(10), NXDOMAIN])
def test_a_failure_never_displaces_an_answer_that_holds(bench, says):
    one = bench(says)

    async def both():
        one.upstream.delay = 2
        late = asyncio.ensure_future(one.handler(request()))
        await asyncio.sleep(1)
        one.upstream.delay = 0
        early = await one.handler(request())
        one.upstream.says = "SERVFAIL "
        return shown(early), shown(await late)

    one.upstream.says = says
    early, late = one.loop.run_until_complete(both())
    first = one.loop.time()
    assert one.ask() == late
    assert "SERVFAIL" not in early + late
    assert one.cache.size(Kind.ERROR) == 0
    assert first == 2


def test_an_answer_takes_the_place_of_a_failure(bench):
    one = bench("SERVFAIL ")

    async def both():
        one.upstream.delay = 2
        late = asyncio.ensure_future(one.handler(request()))
        await asyncio.sleep(1)
        one.upstream.delay = 0
        failed = [await one.handler(request()) for _ in range(2)]
        one.upstream.says = A.format(9)
        return *failed, await late

    replies = [*one.loop.run_until_complete(both()), one.reply()]
    assert [shown(each) for each in replies] == ["SERVFAIL", "SERVFAIL, EDE13", "A 9 192.0.2.1", "A 9 192.0.2.1"]
    assert [each.cell for each in replies] == [None, [False], None, [True]]
    assert [one.cache.size(kind) for kind in Kind] == [1, 0, 0]


def test_of_two_failures_the_later_is_kept(bench):
    one = bench("SERVFAIL ")

    async def both():
        one.upstream.delay = 2
        late = asyncio.ensure_future(one.handler(request()))
        await asyncio.sleep(1)
        one.upstream.delay = 0
        return *[await one.handler(request()) for _ in range(2)], await late

    assert [each.cell for each in one.loop.run_until_complete(both())] == [None, [False], None]
    assert one.cache.size(Kind.ERROR) == 1
    one.at(6.9)
    again = one.reply()
    assert (again.cell, again.life.until, one.asked) == ([True], 7, [0, 1])


def test_one_reply_to_many_is_kept_once(bench):
    one = bench(reply(A.format(10)))
    one.upstream.delay = 1

    async def many():
        return await asyncio.gather(*(one.handler(request()) for _ in range(5)))

    first, *others = one.loop.run_until_complete(many())
    assert (first.cell, first.life) == (None, None)
    assert [(each.cell is others[0].cell, each.life.until) for each in others] == [(True, 11)] * 4
    assert others[0].cell == [True]
    assert one.cache.size(Kind.SUCCESS) == 1


def test_what_is_asked_for_again_may_be_repeated_until_its_end(bench):
    one, found = bench(A.format(10)), []
    for moment in (0, 0.5, 3.25, 10, 10):
        one.at(moment)
        found.append(one.reply())
    assert [each.life and (each.life.until, each.life.since) for each in found] == [
        None,
        (10, 0),
        (10, 3),
        None,
        (20, 10),
    ]
    assert [each.cell for each in found] == [None, [False], [False], None, [True]]
    assert found[1].cell is found[2].cell


@pytest.mark.parametrize("policy", [{"counting": False}], ids=["keepttl"])
def test_what_does_not_count_down_is_not_repeated(bench, policy):
    one = bench(reply(A.format(10), cell=[True]), **policy)
    assert [(each.cell, each.life) for each in (one.reply(), one.reply())] == [(None, None)] * 2


@pytest.mark.parametrize(
    ("weight", "evicted", "left"), [(1, 7, 3), (5, 9, 1)], ids=["usual answers", "answers that count as two"]
)
def test_there_is_a_capacity_and_what_was_not_used_goes(bench, weight, evicted, left):
    one = bench("www.example.org 60 TXT " + "|".join(["x" * 250] * weight * 2), success=Share(most=60, capacity=3))
    one.ask("n0.example.org TXT")
    first = one.reply("n0.example.org TXT")
    for number in range(1, 10):
        one.ask(f"n{number}.example.org TXT")
    assert one.counted.evictions == [Kind.SUCCESS] * evicted
    assert one.cache.size(Kind.SUCCESS) == left
    assert first.cell == [True], "where the fast path has it, it is as right as before"


def test_to_be_repeated_is_a_use(bench):
    one = bench(A.format(60), success=Share(most=60, capacity=2))
    for _ in range(2):
        used, other = one.reply("used.example.org A"), one.reply("other.example.org A")
    used.life.used(3)
    one.ask("third.example.org A")
    before = len(one.asked)
    one.ask("used.example.org A")
    assert len(one.asked) == before
    one.ask("other.example.org A")
    assert (len(one.asked), other.cell) == (before + 1, [True])


def test_what_has_ended_makes_room_without_an_eviction(bench):
    one = bench(A.format(1), success=Share(most=60, capacity=2))
    for number in range(10):
        one.ask(f"n{number}.example.org A")
        one.at(number + 1)
    assert (one.counted.evictions, one.cache.size(Kind.SUCCESS)) == ([], 2)


def test_what_has_ended_is_not_found_while_it_stays(bench):
    one = bench(A.format(1))
    old = [one.reply() for _ in range(2)][1]
    one.at(1)
    assert (one.cache.size(Kind.SUCCESS), old.cell) == (1, [True])
    one.upstream.says = B.format(1)
    assert one.ask() == "A 1 192.0.2.2"
    assert (one.cache.size(Kind.SUCCESS), old.cell, one.asked) == (1, [False], [0, 1])


SAID = {A.format(2): Kind.SUCCESS, "/" + SOA.format(2, 2): Kind.DENIAL, "SERVFAIL ": Kind.ERROR, "REFUSED ": None}


@pytest.mark.parametrize(("before", "after"), list(product(SAID, SAID)))
def test_what_has_ended_goes_when_the_same_question_has_another_answer(bench, before, after):
    one = bench(before, failure=2)
    one.ask()
    one.at(2)
    one.upstream.says = after
    one.ask()
    assert [kind for kind in Kind if one.cache.size(kind)] == [SAID[after]] * (after != "REFUSED ")
    assert (one.asked, one.counted.evictions) == ([0, 2], [])


POPULAR = Prefetch(amount=3, gap=60, percent=10)


@pytest.mark.parametrize(
    ("prefetch", "ttl", "moments", "asked"),
    [
        pytest.param(POPULAR, 100, (0, 40, 80, 91), [0, 91], id="popular"),
        pytest.param(POPULAR, 100, (0, 1, 60.5, 91), [0, 91], id="popular, no gap too long"),
        pytest.param(POPULAR, 100, (0, 1, 2, 62, 91), [0], id="a gap forgets what was before"),
        pytest.param(POPULAR, 100, (0, 1, 2, 89.9), [0], id="not yet"),
        pytest.param(POPULAR, 100, (0, 91), [0], id="not popular"),
        pytest.param(POPULAR, 100, (0, 91, 92, 93), [0, 93], id="popular at last"),
        pytest.param(POPULAR, 100, (0, 1, 50, 91, 92, 95), [0, 91], id="once"),
        pytest.param(Prefetch(amount=3, percent=50), 100, (0, 1, 2, 51), [0, 51], id="another percentage"),
        pytest.param(Prefetch(amount=1), 4, (0, 2.9, 3), [0, 3], id="a second before its end"),
        pytest.param(Prefetch(amount=1), 1, (0, 0.4, 0.5), [0, 0.5], id="at half of a shorter time"),
        pytest.param(Prefetch(amount=3, gap=100), 100, (0, 1, 2, 91, 182), [0, 91, 182], id="popularity goes over"),
    ],
)
def test_what_is_popular_is_asked_for_before_its_end(bench, prefetch, ttl, moments, asked):
    one = bench(A.format(ttl), prefetch=prefetch)
    for moment in moments:
        one.at(moment)
        one.ask()
        one.loop.settle()
    assert one.asked == asked
    assert one.counted.prefetches == len(asked) - 1


def test_nobody_waits_for_what_is_asked_early(bench):
    one = bench(A.format(10), prefetch=Prefetch(amount=1))
    old = [one.reply() for _ in range(2)][1]
    assert (old.life.until, old.life.since) == (9, 0)
    one.at(9)
    one.upstream.says, one.upstream.delay = B.format(10), 0.5
    assert one.ask() == "A 1 192.0.2.1"
    again = one.reply()
    assert (again.life.until, again.cell) == (10, [True])
    one.at(9.5)
    one.loop.settle()
    assert (old.cell, again.cell) == ([False], [False])
    assert one.ask() == "A 10 192.0.2.2"


def test_repeats_on_the_fast_path_make_popular(bench):
    one = bench(A.format(100), prefetch=POPULAR)
    life = [one.reply() for _ in range(2)][1].life
    one.at(80)
    life.used(2)
    one.at(91)
    one.ask()
    one.loop.settle()
    assert one.asked == [0, 91]


def test_near_its_end_each_query_for_what_is_not_popular_is_seen(bench):
    one = bench(A.format(100), prefetch=POPULAR)
    one.ask()
    one.at(91)
    assert (one.reply().life, one.reply().cell) == (None, None)
    assert one.reply().life.until == 100


@pytest.mark.parametrize("says", ["SERVFAIL ", "REFUSED ", RuntimeError("out of ideas")], ids=str)
def test_what_cannot_be_had_early_stays_until_its_end(bench, says, caplog):
    one = bench(A.format(10), prefetch=Prefetch(amount=1))
    one.ask()
    one.upstream.says = says
    for moment in (9, 9.5, 9.9):
        one.at(moment)
        assert one.ask() == "A 1 192.0.2.1"
    assert one.asked == [0, 9]
    logged = ["what is kept of www.example.org. A cannot be renewed: RuntimeError: out of ideas"]
    assert [record.getMessage() for record in caplog.records] == (logged if isinstance(says, Exception) else [])


STALE = "EDE3, A 30 192.0.2.1"
VERIFY, IMMEDIATE = {"stale": Stale(seconds=100)}, {"stale": Stale(seconds=100, patience=0)}


@pytest.mark.parametrize(
    ("policy", "says", "answers", "asked"),
    [
        pytest.param(VERIFY, "SERVFAIL ", {11: STALE, 12: STALE, 40.5: STALE, 41: STALE, 109.9: STALE, 110: "SERVFAIL"}, [11, 41, 109.9, 110], id="what fails is asked for again after 30 seconds"),
        pytest.param(VERIFY, "REFUSED ", {11: STALE, 110: "REFUSED"}, [11, 110], id="any failure"),
        pytest.param(VERIFY, B.format(10), {11: "A 10 192.0.2.2", 12: "A 9 192.0.2.2"}, [11], id="what is answered is new"),
        pytest.param(VERIFY, NXDOMAIN, {11: "NXDOMAIN, SOA 20", 12: "NXDOMAIN, SOA 19"}, [11], id="a denial is an answer"),
        pytest.param(VERIFY, "NXDOMAIN ", {11: "NXDOMAIN", 12: "NXDOMAIN"}, [11, 12], id="one that is not kept too"),
        pytest.param(VERIFY, A.format(0), {11: "A 0 192.0.2.1", 12: "A 0 192.0.2.1"}, [11, 12], id="and TTL 0"),
        pytest.param(IMMEDIATE, B.format(10), {11: STALE, 12: "A 9 192.0.2.2"}, [11], id="immediate: the next gets what is new"),
        pytest.param(IMMEDIATE, "SERVFAIL ", {11: STALE, 12: STALE, 40: STALE, 41: STALE, 42: STALE}, [11, 41], id="immediate: what fails is left alone for 30 seconds"),
        pytest.param({}, "SERVFAIL ", {11: "SERVFAIL"}, [11], id="not unless it is wanted"),
    ],
)  # fmt: skip
def test_stale_answers(bench, policy, says, answers, asked):
    one, found = bench(A.format(10), **policy), {}
    one.ask()
    one.upstream.says = says
    for moment in answers:
        one.at(moment)
        found[moment] = one.ask()
        one.loop.settle()
    assert (found, one.asked[1:]) == (answers, asked)
    assert one.counted.stale == list(answers.values()).count(STALE)


@pytest.mark.parametrize(
    ("moment", "evicted"),
    [(11, [Kind.SUCCESS]), (109.9, [Kind.SUCCESS]), (110, [])],
    ids=["stale", "to the last", "left"],
)
def test_what_may_be_stale_makes_room_as_what_holds(bench, moment, evicted):
    one = bench(A.format(10), success=Share(most=60, capacity=1), **VERIFY)
    one.ask()
    one.at(moment)
    one.ask("other.example.org A")
    assert one.counted.evictions == evicted
    one.upstream.says = "SERVFAIL "
    assert (one.ask(), one.counted.stale) == ("SERVFAIL", 0)


def test_only_data_is_stale(bench):
    one = bench(NXDOMAIN, stale=Stale())
    one.ask()
    one.upstream.says = "SERVFAIL "
    one.at(20)
    assert one.ask() == "SERVFAIL"


def test_a_stale_answer_is_not_repeated_and_nobody_vouches_for_it(bench):
    one = bench(reply(A.format(10), authentic=True), **VERIFY)
    one.ask()
    one.at(11)
    one.upstream.says = "SERVFAIL "
    stale = one.reply()
    assert (stale.cell, stale.life, stale.authentic, stale.plugin) == (None, None, False, "cache")


def test_who_asks_does_not_wait_longer_than_the_client_response_time(bench):
    one = bench(A.format(10), **VERIFY)
    one.ask()
    one.at(11)
    one.upstream.says, one.upstream.delay = B.format(10), 4
    found = [(one.ask(), round(one.loop.time(), 3)) for _ in range(3)]
    assert found == [(STALE, 12.8)] * 3
    one.at(15)
    one.loop.settle()
    assert (one.ask(), one.asked) == ("A 10 192.0.2.2", [0, 11])


def test_those_who_wait_together_ask_once(bench):
    one = bench(A.format(10), **VERIFY)
    one.ask()
    one.at(11)
    one.upstream.says, one.upstream.delay = B.format(10), 1

    async def many():
        return await asyncio.gather(*(one.handler(request()) for _ in range(5)))

    assert [shown(each) for each in one.loop.run_until_complete(many())] == ["A 10 192.0.2.2"] * 5
    assert one.asked == [0, 11]


def test_what_does_not_come_from_another_server_ends_what_is_kept(bench):
    one = bench(A.format(10), **VERIFY)
    one.ask()
    one.at(11)
    one.upstream.says = Reply(answer=records("192.0.2.9"), plugin="hosts")
    assert [one.ask(), one.cache.size(Kind.SUCCESS)] == ["A 5 192.0.2.9", 0]


def test_who_asks_for_itself_has_the_last_good_answer_for_ever(bench):
    ahead = Prefetch(amount=1, gap=inf, percent=20)
    one, found = bench(A.format(20), prefetch=ahead, stale=Stale(seconds=inf)), []
    asking = Request(question(from_text("www.example.org"), Type.A), OURSELVES, ROOT, 0, 0.0)
    for moment, one.upstream.says in ((0, A.format(20)), (16, B.format(20)), (17, B.format(20)), (1e6, "SERVFAIL ")):
        one.at(moment)
        found.append(shown(one.loop.run_until_complete(one.handler(asking))))
        one.loop.settle()
    assert found == ["A 20 192.0.2.1", "A 4 192.0.2.1", "A 19 192.0.2.2", "EDE3, A 30 192.0.2.2"]
    assert one.asked == [0, 16, 1e6]


def test_so_many_are_asked_for_in_the_background(bench):
    most = caching.MOST_REFRESHES
    one = bench(A.format(10), **IMMEDIATE)
    names = [f"n{number}.example.org A" for number in range(most + 2)]
    for name in names:
        one.ask(name)
    one.at(11)
    one.upstream.delay = 5
    assert {one.ask(name) for name in names} == {STALE}
    one.loop.settle()
    assert len(one.asked) == len(names) + most


def test_a_cache_that_is_stopped_asks_nobody_in_the_background(bench):
    one = bench(A.format(10), **VERIFY)
    one.ask()
    one.at(11)
    one.upstream.delay = 5

    async def stopped():
        waiting = asyncio.ensure_future(one.handler(request()))
        await asyncio.sleep(1)
        await one.cache.stop()
        return await waiting

    assert shown(one.loop.run_until_complete(stopped())) == STALE
    assert (one.loop.time(), one.asked) == (12, [0, 11])
    one.at(100)
    assert (one.ask(), one.asked) == (STALE, [0, 11])
    one.loop.run_until_complete(one.cache.start())
    one.upstream.delay = 0
    assert one.ask() == "A 10 192.0.2.1"
