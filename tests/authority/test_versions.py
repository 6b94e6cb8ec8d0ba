"""The versions of a zone: what is known of the past, by whom, and when the subscribers are told."""

import asyncio

import pytest

from fedresolver.authority.history import LEAST_OCTETS, MOST_STEPS
from fedresolver.authority.versions import Versions
from fedresolver.zone.contents import serial_of
from fedresolver.zone.difference import PORTION, difference
from tests.support.versions import version


class Told:
    """A subscriber, who notes the serial of each version that it is told of."""

    def __init__(self, versions):
        self.versions = versions
        self.serials = []

    def __call__(self):
        contents = self.versions.contents
        self.serials.append(None if contents is None else contents.serial)


def lines(*numbers):
    return [f"n{number} 60 A 192.0.2.1" for number in numbers]


def serials(steps):
    return None if steps is None else [(serial_of(step.before), serial_of(step.after)) for step in steps]


async def followed(*taken):
    """Return versions that somebody follows, after each of `taken` was worked out, and who follows them."""
    versions = Versions()
    told = Told(versions)
    versions.subscribe(told)
    for one in taken:
        versions.take(one)
        await settled(versions)
    return versions, told


async def settled(versions):
    """Wait until nothing is worked out any more."""
    for _ in range(1000):
        await asyncio.sleep(0)


def test_the_past_is_known_step_by_step():
    async def work():
        versions, told = await followed(version(1), version(2, lines(1)), version(5, lines(1, 2)))
        assert told.serials == [1, 2, 5]
        assert serials(versions.since(5)) == []
        assert serials(versions.since(2)) == [(2, 5)]
        assert serials(versions.since(1)) == [(1, 2), (2, 5)]
        assert versions.since(3) is None
        assert versions.since(6) is None

    asyncio.run(work())


def test_nothing_is_kept_for_nobody():
    async def work():
        versions = Versions()
        versions.take(version(1))
        versions.take(version(2))
        assert versions.since(1) is None
        assert versions.since(2) == ()

    asyncio.run(work())


def test_who_unsubscribes_last_ends_the_history():
    async def work():
        versions, told = await followed(version(1), version(2))
        versions.unsubscribe(told)
        assert versions.since(1) is None
        versions.take(version(3))
        await settled(versions)
        assert told.serials == [1, 2]

    asyncio.run(work())


def test_subscribers_are_told_when_the_step_is_known():
    async def work():
        versions, told = await followed(version(1))
        versions.take(version(2, lines(*range(3 * PORTION))))
        assert versions.contents.serial == 2
        assert told.serials == [1]
        assert versions.since(1) is None
        assert versions.since(2) == ()
        await settled(versions)
        assert told.serials == [1, 2]
        assert serials(versions.since(1)) == [(1, 2)]

    asyncio.run(work())


def test_versions_that_follow_each_other_too_fast_are_one_step():
    async def work():
        versions, told = await followed(version(1))
        for serial in (2, 3, 4):
            versions.take(version(serial, lines(*range(2 * PORTION))))
        await settled(versions)
        assert told.serials == [1, 4]
        assert serials(versions.since(1)) == [(1, 2), (2, 4)]

    asyncio.run(work())


def test_a_step_that_is_given_is_not_worked_out():
    async def work():
        first, second = version(1), version(2, lines(1))
        versions, told = await followed(first)
        versions.take(second, difference(first, second))
        assert told.serials == [1, 2]
        assert serials(versions.since(1)) == [(1, 2)]

    asyncio.run(work())


@pytest.mark.parametrize(
    "taken",
    [
        pytest.param([version(5), version(4)], id="a serial that goes back"),
        pytest.param([version(5), version(5, lines(1))], id="a serial that stays"),
        pytest.param([version(5), None, version(6)], id="a zone that has expired"),
    ],
)
def test_what_is_no_step_forward_ends_the_history(taken):
    async def work():
        versions, told = await followed(version(3), *taken)
        assert versions.since(3) is None
        assert told.serials == [3, *(one and one.serial for one in taken)]
        assert versions.since(versions.contents.serial) == ()

    asyncio.run(work())


def test_expiry_while_a_step_is_worked_out():
    async def work():
        versions, told = await followed(version(1))
        versions.take(version(2, lines(*range(2 * PORTION))))
        versions.take(None)
        await settled(versions)
        assert told.serials == [1, None]
        assert versions.since(2) is None

    asyncio.run(work())


def test_only_the_last_versions_are_known():
    async def work():
        versions, _ = await followed(*(version(serial) for serial in range(1, MOST_STEPS + 3)))
        assert versions.since(1) is None
        assert len(versions.since(2)) == MOST_STEPS

    asyncio.run(work())


def test_a_long_step_pushes_out_what_was_before():
    async def work():
        big = [f"n{number} 60 TXT {'x' * 200}" for number in range(LEAST_OCTETS // 200 // 2)]
        versions, _ = await followed(version(1), version(2, big), version(3), version(4, lines(1)))
        assert serials(versions.since(2)) == [(2, 3), (3, 4)]
        assert versions.since(1) is None

    asyncio.run(work())


def test_a_jump_ends_the_history():
    async def work():
        versions, told = await followed(version(1), version(2))
        versions.take(version(3, lines(*range(2 * PORTION))))
        versions.jump(version(4))
        await settled(versions)
        assert told.serials == [1, 2, 4]
        assert versions.since(2) is None
        versions.take(version(5))
        await settled(versions)
        assert serials(versions.since(4)) == [(4, 5)]

    asyncio.run(work())
