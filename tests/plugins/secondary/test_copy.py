"""The care for one copy, in virtual time: what is asked when, what is answered from, what is told."""

import asyncio
import logging
from contextlib import contextmanager

import pytest

from fedresolver.plugins.secondary.copy import LEAST_GAP, Around, Copy
from fedresolver.plugins.secondary.slots import Slots
from fedresolver.upstream.target import Target
from fedresolver.upstream.transfer.failure import TransferError
from fedresolver.upstream.transfer.primary import Transferred
from fedresolver.wire.name import from_text
from fedresolver.zone.incoming import Limits
from fedresolver.zone.upkeep import State
from fedresolver.zone.zone import zone
from tests.support.clock import virtual_loop
from tests.support.signed import key
from tests.support.zone_records import APEX, NS, soa, zone_of

A, B = "192.0.2.1", "192.0.2.2"
TIMES = (100, 20, 1000)


class Fake:
    """A primary whose version a test sets; None where it does not answer. `takes` is how long a transfer needs."""

    def __init__(self, loop, host, serial=None, takes=0.0):
        self.target = Target(host)
        self.key = None
        self.serial = serial
        self.takes = takes
        self.times = TIMES
        self.more = ()
        self.broken = False
        self.asked = []
        self.loop = loop

    def __str__(self):
        return self.target.host

    def _note(self, what):
        self.asked.append((self.loop.time(), what))
        if self.serial is None:
            raise TransferError(f"{self}: nothing came in time")

    def version(self):
        return zone_of(soa(self.serial, *self.times), NS, *self.more)

    async def soa(self, zone):
        self._note("SOA")
        return self.version().soa

    async def transfer(self, zone, had, limits):
        self._note("AXFR" if had is None else f"IXFR {had.serial}")
        await asyncio.sleep(self.takes)
        if self.broken:
            raise TransferError(f"{self} sends nonsense")
        if had is not None and had.serial == self.serial:
            return Transferred(None)
        return Transferred(self.version(), had is not None, 4)


class Cared:
    """A copy that is looked after, and its primaries."""

    def __init__(self, loop, primaries, draw=0.0, slots=None, limits=None):
        self.loop = loop
        self.primaries = primaries
        self.taken = []

        async def build(contents, most):
            return zone(contents, most=most)

        around = Around(loop.time, lambda: 1000 + loop.time(), lambda: draw, build, slots or Slots())
        self.copy = Copy(APEX, tuple(primaries), limits or Limits(), around, lambda: self.taken.append(loop.time()))

    @property
    def serial(self):
        """The serial of what is answered from; None for nothing."""
        contents = self.copy.served.contents
        return None if contents is None else contents.serial

    def asked(self, number=0):
        """Return what a primary was asked since the last time, with the seconds, rounded."""
        asked, self.primaries[number].asked = self.primaries[number].asked, []
        return [(round(when, 3), what) for when, what in asked]


@contextmanager
def cared(*versions, draw=0.0, takes=0.0, limits=None):
    """Give a copy whose primaries A, B... have these versions."""
    with virtual_loop() as loop:
        primaries = [Fake(loop, f"192.0.2.{number}", one, takes) for number, one in enumerate(versions, 1)]
        made = Cared(loop, primaries, draw, limits=limits)
        loop.run_until_complete(made.copy.start())
        loop.settle()
        yield made
        loop.run_until_complete(made.copy.stop())


def test_a_zone_comes_at_once_and_is_compared_in_time():
    with cared(1) as at:
        assert (at.serial, at.copy.state, at.asked()) == (1, State.FRESH, [(0, "AXFR")])
        at.loop.advance(350)
        assert at.asked() == [(100, "SOA"), (200, "SOA"), (300, "SOA")]
        assert (at.serial, at.copy.state, at.taken) == (1, State.FRESH, [0])
        assert at.copy.refreshed_at == 1300


def test_a_newer_version_is_taken_and_answers_of_the_former_end():
    with cared(1) as at:
        cell = at.copy.served.cell
        at.primaries[0].serial = 2
        at.loop.advance(101)
        assert (at.serial, cell, at.taken) == (2, [False], [0, 100])
        assert at.asked() == [(0, "AXFR"), (100, "SOA"), (100, "IXFR 1")]


def test_a_version_that_is_older_is_not_taken(caplog):
    with cared(5) as at:
        at.primaries[0].serial = 4
        at.loop.advance(101)
        assert (at.serial, at.copy.state) == (5, State.RETRYING)
    assert "example.org.: 192.0.2.1 has serial 4, which is older than 5" in caplog.messages


def test_a_primary_that_dies_is_asked_more_often_until_the_zone_expires(caplog):
    with cared(1) as at:
        at.primaries[0].serial = None
        at.asked()
        at.loop.advance(190)
        assert at.asked() == [(100, "SOA"), (120, "SOA"), (140, "SOA"), (160, "SOA"), (180, "SOA")]
        assert (at.serial, at.copy.state) == (1, State.RETRYING)
        at.loop.advance(809)
        assert (at.serial, at.copy.state) == (1, State.RETRYING)
        at.loop.advance(2)
        assert (at.serial, at.copy.state, at.copy.counts.expired) == (None, State.EXPIRED, 1)
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert errors == [
        "example.org.: 192.0.2.1: nothing came in time",
        "example.org.: expired, no primary has confirmed it in time",
    ]


@pytest.mark.parametrize(("serial", "asked"), [(1, ["SOA"]), (2, ["SOA", "IXFR 1"])], ids=["the same", "a newer one"])
def test_an_expired_zone_comes_back_with_its_primary(serial, asked):
    with cared(1) as at:
        at.primaries[0].serial = None
        at.loop.advance(1001)
        assert at.serial is None
        at.asked()
        at.primaries[0].serial = serial
        at.loop.advance(20)
        assert (at.serial, at.copy.state) == (serial, State.FRESH)
        assert [what for _, what in at.asked()] == asked


def test_the_first_transfer_is_tried_again_with_growing_waits():
    with cared(None, draw=1.0) as at:
        assert (at.serial, at.copy.state, at.copy.tried) == (None, State.LOADING, True)
        at.loop.advance(40)
        assert [when for when, _ in at.asked()] == [0, 1, 3, 7, 15, 31]
        at.primaries[0].serial = 1
        at.loop.advance(60)
        assert (at.serial, at.copy.state) == (1, State.FRESH)


def test_a_transfer_under_way_is_no_try_yet():
    with cared(1, takes=30) as at:
        at.loop.advance(29)
        assert (at.copy.tried, at.serial) == (False, None)
        at.loop.advance(2)
        assert (at.copy.tried, at.serial) == (True, 1)


def test_primaries_are_asked_in_turn():
    with cared(None, 1) as at:
        assert (at.serial, at.asked(0), at.asked(1)) == (1, [(0, "AXFR")], [(0, "AXFR")])
        assert at.copy.counts.failed == 1


def test_the_newest_version_is_found_behind_one_that_has_none():
    with cared(1, 1) as at:
        at.primaries[1].serial = 2
        at.loop.advance(101)
        assert (at.serial, at.copy.state) == (2, State.FRESH)


def test_a_primary_that_sends_nonsense_does_not_harm_what_another_confirms():
    with cared(1, 1) as at:
        at.primaries[0].serial, at.primaries[0].broken = 9, True
        at.loop.advance(101)
        assert (at.serial, at.copy.state, at.copy.counts.failed) == (1, State.FRESH, 1)


def test_a_notify_is_followed_at_once():
    with cared(1) as at:
        at.primaries[0].serial = 2
        at.loop.advance(50)
        at.copy.notify(A, None)
        at.loop.settle()
        assert at.serial == 2


def test_many_notifies_are_one():
    with cared(1) as at:
        at.loop.advance(50)
        at.asked()
        for _ in range(100):
            at.copy.notify(A, None)
        at.loop.advance(10)
        assert at.asked() == [(50, "SOA")]


def test_a_flood_of_them_is_followed_now_and_then():
    with cared(1) as at:
        at.loop.advance(50)
        at.asked()
        for _ in range(100):
            at.copy.notify(A, None)
            at.loop.advance(0.1)
        assert len(at.asked()) <= 10 / LEAST_GAP + 2


def test_one_that_comes_during_a_transfer_is_followed_after_it():
    with cared(1, takes=5) as at:
        at.loop.advance(6)
        at.primaries[0].serial = 2
        at.copy.notify(A, None)
        at.loop.advance(1)
        at.copy.notify(A, None)
        at.copy.notify(A, None)
        at.asked()
        at.loop.advance(20)
        assert [what for _, what in at.asked()] == ["SOA"]


@pytest.mark.parametrize(
    ("serial", "asked"), [(None, 1), (2, 1), (1, 0), (0, 0)], ids=["no serial", "newer", "the same", "older"]
)
def test_a_serial_that_is_no_news_is_not_followed(serial, asked):
    with cared(1) as at:
        at.loop.advance(50)
        at.asked()
        at.copy.notify(A, serial)
        at.loop.advance(1)
        assert len(at.asked()) == asked


def test_who_tells_of_a_change_is_asked_first():
    with cared(1, 1) as at:
        at.loop.advance(50)
        at.primaries[1].serial = 2
        at.asked(0)
        at.copy.notify(B, 2)
        at.loop.advance(1)
        assert (at.serial, at.asked(0)) == (2, [])


@pytest.mark.parametrize(
    ("address", "name", "accepted"),
    [
        (A, None, True),
        (B, None, True),
        ("192.0.2.3", None, False),
        ("192.0.2.3", "key.example.org", True),
        ("192.0.2.3", "other.example.org", False),
    ],
)
def test_notifies_come_from_primaries_or_with_their_key(address, name, accepted):
    with cared(1, 1) as at:
        at.primaries[1].key = key()
        assert at.copy.accepts(address, None if name is None else from_text(name)) is accepted


def test_no_more_zones_come_in_at_a_time_than_there_are_slots():
    with virtual_loop() as loop:
        slots = Slots(2)
        copies = [Cared(loop, [Fake(loop, A, 1, takes=10)], slots=slots) for _ in range(5)]
        for one in copies:
            loop.run_until_complete(one.copy.start())
        loop.advance(11)
        assert [one.serial for one in copies].count(1) == 2
        loop.advance(20)
        assert [one.serial for one in copies].count(1) == 5
        for one in copies:
            loop.run_until_complete(one.copy.stop())


def test_a_slow_primary_does_not_keep_the_zones_of_others_waiting():
    with virtual_loop() as loop:
        slots = Slots(10, 4)
        slow = [Cared(loop, [Fake(loop, A, 1, takes=600)], slots=slots) for _ in range(20)]
        other = Cared(loop, [Fake(loop, B, 1, takes=1)], slots=slots)
        for one in (*slow, other):
            loop.run_until_complete(one.copy.start())
        loop.advance(2)
        assert [len(one.asked()) for one in slow].count(1) == 4
        assert other.serial == 1
        for one in (*slow, other):
            loop.run_until_complete(one.copy.stop())


def test_a_hostile_soa_does_not_make_us_spin():
    with cared(1) as at:
        at.primaries[0].times = (0, 0, 0)
        at.primaries[0].serial = 2
        at.loop.advance(101)
        at.asked()
        at.loop.advance(100)
        assert len(at.asked()) == 10


def test_ever_new_complaints_are_a_few_lines(caplog):
    with cared(1000) as at:
        for serial in range(900, 950):
            at.primaries[0].serial = serial
            at.copy.notify(A, None)
            at.loop.advance(1)
    assert len([line for line in caplog.messages if "older than" in line]) <= 8


def test_what_nobody_thought_of_does_not_end_the_care(caplog):
    with cared(1) as at:
        at.primaries[0].serial = "x"
        at.loop.advance(101)
        at.primaries[0].serial = 2
        at.loop.advance(30)
        assert at.serial == 2
    assert [line for line in caplog.messages if "what we fail at" in line]


def test_names_without_records_are_names_too(caplog):
    """A few octets make a hundred of them, which take memory as others do."""
    with caplog.at_level(logging.WARNING), cared(1, limits=Limits(records=5)) as at:
        at.primaries[0].serial, at.primaries[0].more = 2, ("a.b.c.d.e.f.g.h.i.example.org. 60 A 192.0.2.1",)
        at.loop.advance(110)
        assert (at.serial, at.copy.counts.failed) == (2, 0)
        at.primaries[0].serial, at.primaries[0].more = 3, ("j.a.b.c.d.e.f.g.h.i.example.org. 60 A 192.0.2.1",)
        at.loop.advance(100)
        assert (at.serial, at.copy.counts.failed) == (2, 1)
    (line,) = caplog.messages
    assert line.endswith("sends more than 10 names, those that only lead to others among them (`max_records`)")
