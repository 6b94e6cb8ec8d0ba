"""What is sent again: lasting responses in turns, and those whose TTLs count down by the second."""

import pytest

from fedresolver.chain.handler import Life
from fedresolver.server.hot import Counting, Seconds, lasting
from tests.support.clock import virtual_loop

MESSAGE = b"IDquestion"


def response(text, ttl=10):
    """Return a response after its ID: two octets of text, and a TTL."""
    return text.encode() + ttl.to_bytes(4)


class Told(list):
    """How often a response was used, as its life was told."""

    def total(self):
        return sum(self)


class Kept:
    """One entry of a table, asked for as the listeners do."""

    def __init__(self, loop, *texts, until=10.0, since=None, ttl=10):
        self.loop, self.told, self.cell, self.tally = loop, Told(), [True], [0, 0, 0]
        self.seconds = Seconds(loop.time)
        responses = tuple(response(text, ttl) for text in texts)
        life = Life(until, self.told.append, since)
        born = loop.time() if since is None else since
        self.hot = loop.run_until_complete(self.make(Counting(responses, ((2,),) * len(texts), born, life, self.cell)))

    async def make(self, counting):
        return self.seconds.counting(counting, self.tally, 1)

    async def again(self):
        if not self.hot.cell[0]:
            self.hot = self.seconds.renewed(self.hot)
        return None if self.hot is None else self.hot.again(MESSAGE)

    def ask(self):
        """Return the text and the TTL of a response, None when nothing is kept any more."""
        found = self.hot and self.loop.run_until_complete(self.again())
        return found and (found[2:4].decode(), int.from_bytes(found[4:]))


@pytest.fixture
def loop():
    with virtual_loop() as loop:
        yield loop


@pytest.mark.parametrize(
    ("texts", "sent"),
    [(("aa",), "aa aa aa aa"), (("aa", "bb"), "aa bb aa bb"), (("aa", "bb", "cc"), "aa bb cc aa")],
)
def test_what_lasts_is_sent_in_turns_and_counted(texts, sent):
    tally = [0, 0, 0]
    hot = lasting(tuple(text.encode() for text in texts), [True], tally, 1)
    assert [hot.again(MESSAGE) for _ in range(4)] == [b"ID" + text.encode() for text in sent.split()]
    assert tally == [4, 4 * len(MESSAGE), 4 * 4]


def test_ttls_count_down_by_the_second_and_end_with_the_life(loop):
    kept = Kept(loop, "aa", until=4.0, ttl=4)
    found = []
    for _ in range(10):
        found.append(kept.ask())
        loop.advance(0.5)
    assert found == [("aa", ttl) for ttl in (4, 4, 3, 3, 2, 2, 1, 1)] + [None, None]


@pytest.mark.parametrize("until", [2.25, 0.5])
def test_it_ends_within_a_second_if_its_life_does(loop, until):
    kept = Kept(loop, "aa", until=until)
    loop.advance(until - 0.125)
    assert kept.ask() is not None
    loop.advance(0.0625)
    assert kept.ask() is not None
    loop.advance(0.0625)
    assert kept.ask() is None


def test_what_is_at_its_end_is_not_kept(loop):
    loop.advance(5)
    assert Kept(loop, "aa", until=5.0).hot is None


def test_it_ends_at_the_next_second_when_something_else_is_known(loop):
    kept = Kept(loop, "aa")
    kept.cell[0] = False
    loop.advance(1)
    assert kept.ask() is None


def test_ttls_count_from_the_moment_that_the_reply_names(loop):
    loop.advance(2.75)
    kept = Kept(loop, "aa", since=2.0)
    found = [kept.ask()]
    loop.advance(1)
    found.append(kept.ask())
    assert found == [("aa", 10), ("aa", 9)]


def test_turns_go_on_where_the_last_second_stopped(loop):
    kept = Kept(loop, "aa", "bb", "cc")
    found = []
    for number in (1, 1, 3, 0, 2):
        found.append(" ".join(kept.ask()[0] for _ in range(number)))
        loop.advance(1)
    assert found == ["aa", "bb", "cc aa bb", "", "cc aa"]


@pytest.mark.parametrize("texts", [("aa",), ("aa", "bb", "cc")])
def test_each_use_is_told_once(loop, texts):
    kept = Kept(loop, *texts)
    for number in (1, 4, 2):
        for _ in range(number):
            kept.ask()
        loop.advance(1)
    assert kept.told == [1, 4]
    kept.ask()
    assert kept.told == [1, 4, 2]
    assert kept.tally[0] == 8


def test_use_is_told_at_the_end_too(loop):
    kept = Kept(loop, "aa", until=1.0)
    kept.ask()
    loop.advance(1)
    assert kept.ask() is None
    assert kept.told == [1]


def test_entries_of_one_second_share_a_timer(loop):
    seconds, cells = Seconds(loop.time), []

    async def make():
        for until in (10.0, 20.0, 0.5):
            life = Life(until, print)
            cells.append(seconds.counting(Counting((b"",), ((),), 0.0, life, [True]), [0, 0, 0], 0).cell)

    loop.run_until_complete(make())
    assert (cells[0] is cells[1], cells[0] is cells[2]) == (True, False)
