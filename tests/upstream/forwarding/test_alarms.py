"""Alarms over virtual time."""

from fedresolver.upstream.forwarding.alarms import Alarms
from tests.support.clock import virtual_loop


class Sleeper:
    def __init__(self, loop):
        self.done = False
        self.woken = []
        self._loop = loop

    def wake(self):
        self.woken.append(self._loop.time())


def test_each_is_woken_once_in_its_time():
    with virtual_loop() as loop:
        alarms, sleepers = Alarms(2.0, loop.time), [Sleeper(loop) for _ in range(4)]

        async def put(sleeper):
            alarms.put(sleeper)

        for sleeper in sleepers:
            loop.run_until_complete(put(sleeper))
            loop.advance(0.5)
        sleepers[1].done = True
        loop.advance(10.0)
        assert [sleeper.woken for sleeper in sleepers] == [[2.0], [], [3.0], [3.5]]


def test_what_is_done_is_not_held_until_its_time():
    with virtual_loop() as loop:
        alarms, first, second = Alarms(2.0, loop.time), Sleeper(loop), Sleeper(loop)

        async def put(sleeper):
            alarms.put(sleeper)

        loop.run_until_complete(put(first))
        first.done = True
        loop.run_until_complete(put(second))
        assert len(alarms) == 1
        alarms.clear()
        loop.advance(5.0)
        assert (first.woken, second.woken) == ([], [])


def test_a_sleeper_that_fails_takes_no_call_from_the_others():
    with virtual_loop() as loop:
        told = []
        loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
        alarms, before, failing, after = Alarms(2.0, loop.time), Sleeper(loop), Sleeper(loop), Sleeper(loop)

        def fail():
            raise ArithmeticError

        failing.wake = fail

        async def put():
            for sleeper in (before, failing, after):
                alarms.put(sleeper)

        loop.run_until_complete(put())
        loop.advance(5.0)
        assert (before.woken, after.woken, len(told)) == ([2.0], [2.0], 1)
