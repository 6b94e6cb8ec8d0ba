import asyncio

import pytest

from fedresolver.watch.rounds import Rounds
from tests.support.clock import virtual_loop


@pytest.mark.parametrize(("interval", "looks"), [(5.0, 3), (0.0, 0)])
def test_it_looks_again_and_again(interval, looks):
    seen = []

    async def look():
        seen.append(1)

    with virtual_loop() as loop:
        rounds = Rounds("test", interval, look)
        loop.call_soon(rounds.start)
        loop.advance(17)
        loop.run_until_complete(rounds.stop())
        loop.advance(17)
        assert len(seen) == looks
        assert not asyncio.all_tasks(loop)


def test_a_look_that_ends_its_own_rounds_is_the_last_and_comes_to_its_end():
    seen = []

    async def look():
        await rounds.stop()
        await asyncio.sleep(1)
        seen.append(1)

    with virtual_loop() as loop:
        rounds = Rounds("test", 5, look)
        loop.call_soon(rounds.start)
        loop.advance(30)
        assert seen == [1]
        assert not asyncio.all_tasks(loop)
