"""When credentials are got anew, on a clock that a test moves."""

import asyncio
import logging

import pytest

from fedresolver.watch.access.credentials import bearer
from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.renewal import Lease, Renewed


class Giver:
    """Gives a token that is renewed 300 s before its end at 1000 s, and the next one an hour later; or fails."""

    def __init__(self):
        self.now = 0.0
        self.fails = False
        self.asked = 0
        self.credentials = Renewed(self._lease, lambda: self.now)

    async def _lease(self):
        self.asked += 1
        await asyncio.sleep(0)
        if self.fails:
            raise AccessError("log in first")
        return Lease(bearer(f"t{self.asked}"), self.now + 700, self.now + 1000)

    def shown(self, at):
        self.now = at
        return asyncio.run(self.credentials.identity()).headers[0][1]


@pytest.fixture
def giver():
    found = Giver()
    assert found.shown(0) == "Bearer t1"
    return found


def test_a_renewal_that_fails_early_is_tried_again_and_what_there_is_shown_until_its_end(giver, caplog):
    giver.fails = True
    tried = []
    for at in (699, 700, 729, 730, 731, 995):
        assert giver.shown(at) == "Bearer t1"
        tried.append(giver.asked)
    assert tried == [1, 2, 2, 3, 3, 4]
    with pytest.raises(AccessError, match="log in first"):
        giver.shown(1000)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert caplog.messages == ["log in first; the credentials that there are end in 300 s"]


def test_a_renewal_that_failed_early_succeeds_later(giver):
    giver.fails = True
    giver.shown(700)
    giver.fails = False
    assert [giver.shown(at) for at in (729, 730, 1429)] == ["Bearer t1", "Bearer t3", "Bearer t3"]
    assert giver.shown(1430) == "Bearer t4"


def test_who_asks_at_once_while_a_renewal_fails_has_what_there_is(giver):
    giver.fails, giver.now = True, 700

    async def asked():
        return await asyncio.gather(*(giver.credentials.identity() for _ in range(5)))

    assert len(set(map(id, asyncio.run(asked())))) == 1
    assert giver.asked == 2


def test_what_was_refused_is_not_shown_again_though_its_end_is_far(giver):
    giver.fails = True
    giver.shown(700)
    giver.credentials.rejected()
    with pytest.raises(AccessError, match="log in first"):
        giver.shown(701)


def test_what_is_refused_while_another_is_got_is_not_shown_again(giver):
    async def refused():
        asked = asyncio.create_task(giver.credentials.identity())
        await asyncio.sleep(0)
        giver.credentials.rejected()
        await asked

    giver.fails, giver.now = True, 700
    with pytest.raises(AccessError, match="log in first"):
        asyncio.run(refused())
