import asyncio

import pytest

from fedresolver.plugins.reload.handler import Watch
from tests.support.setup import FakeProcess


class Clock:
    """A sleep that ends when a test says so."""

    def __init__(self):
        self.asked = []
        self._ticks = asyncio.Queue()

    async def sleep(self, seconds):
        self.asked.append(seconds)
        await self._ticks.get()

    async def tick(self):
        """Let one sleep end, and wait until the next one begins or the watch has ended."""
        begun = len(self.asked)
        self._ticks.put_nowait(None)
        for _ in range(10):
            await asyncio.sleep(0)
            if len(self.asked) > begun:
                return


@pytest.mark.parametrize(
    ("changes", "reloads"),
    [
        pytest.param([False, False], 0, id="no change, no reload"),
        pytest.param([True], 1, id="a change is a reload"),
        pytest.param([False, True, False], 1, id="one change is one reload"),
        pytest.param([True, True], 2, id="what still differs is tried again"),
    ],
)
def test_it_reloads_what_has_changed(changes, reloads):
    async def body():
        clock, process = Clock(), FakeProcess()
        watch = Watch(process, 7.5, clock.sleep)
        await watch.start()
        await asyncio.sleep(0)
        for changed in changes:
            process.is_changed = changed
            await clock.tick()
        await watch.stop()
        return process.reloads, set(clock.asked)

    assert asyncio.run(body()) == (reloads, {7.5})


def test_stop_ends_the_wait():
    async def body():
        watch = Watch(FakeProcess(), 3600)
        await watch.start()
        await asyncio.sleep(0)
        await watch.stop()
        await watch.stop()
        return [task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    assert asyncio.run(body()) == []


def test_a_reload_that_replaces_the_watch_itself_is_not_cut_off():
    class Replacing(FakeProcess):
        async def reload(self):
            await watch.stop()
            await asyncio.sleep(0)
            self.reloads += 1

    async def body():
        nonlocal watch
        clock = Clock()
        watch = Watch(process, 1, clock.sleep)
        await watch.start()
        await asyncio.sleep(0)
        await clock.tick()
        return len(asyncio.all_tasks())

    watch, process = None, Replacing(is_changed=True)
    assert asyncio.run(body()) == 1
    assert process.reloads == 1
