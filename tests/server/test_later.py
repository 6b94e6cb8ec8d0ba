"""Coroutines that are run by hand until they wait, and then go on."""

import asyncio
import gc

import pytest

from fedresolver.chain.parked import Parked
from fedresolver.server.later import Later, run


async def at_once():
    return 7


async def raising():
    raise RuntimeError("no")


async def forwarding(awaitable):
    return await awaitable


def test_what_does_not_wait_has_its_result_without_a_loop():
    assert run(forwarding(forwarding(at_once()))) == 7


def test_what_raises_raises():
    with pytest.raises(RuntimeError, match="no"):
        run(forwarding(raising()))


def going_on(work):
    """Return what becomes of `work`, which waits, as a future."""
    later = run(work)
    assert isinstance(later, Later)
    end = asyncio.get_running_loop().create_future()
    later.start(lambda what: end.set_exception(what) if isinstance(what, Exception) else end.set_result(what))
    return end


def in_a_loop(test):
    async def bounded():
        async with asyncio.timeout(5):
            return await test()

    return asyncio.run(bounded())


def test_what_waits_goes_on_in_a_task():
    async def test():
        future = asyncio.get_running_loop().create_future()
        task = going_on(forwarding(future))
        await asyncio.sleep(0)
        future.set_result(7)
        return await task

    assert in_a_loop(test) == 7


def test_what_waits_several_times_goes_on_each_time():
    async def test():
        futures = [asyncio.get_running_loop().create_future() for _ in range(3)]

        async def work():
            return [await future for future in futures]

        task = going_on(work())
        for number, future in enumerate(futures):
            await asyncio.sleep(0)
            future.set_result(number)
        return await task

    assert in_a_loop(test) == [0, 1, 2]


def test_an_error_that_was_waited_for_can_be_handled():
    async def test():
        future = asyncio.get_running_loop().create_future()

        async def work():
            try:
                await future
            except OSError:
                return "handled"

        task = going_on(work())
        await asyncio.sleep(0)
        future.set_exception(OSError())
        return await task

    assert in_a_loop(test) == "handled"


def test_an_error_after_waiting_leaves_the_task():
    async def test():
        async def work():
            await asyncio.sleep(0)
            raise RuntimeError("no")

        await going_on(work())

    with pytest.raises(RuntimeError, match="no"):
        in_a_loop(test)


async def never(cleaned):
    try:
        await asyncio.Event().wait()
    finally:
        cleaned.append(True)


async def parked_at(parked, cleaned):
    try:
        await parked
    finally:
        cleaned.append(True)
    return 7


@pytest.mark.parametrize("waiting", [never, lambda cleaned: parked_at(Parked(), cleaned)], ids=["task", "parked"])
def test_what_is_cancelled_is_cleaned_up_and_tells_nobody(waiting):
    cleaned, told = [], []

    async def test():
        later = run(waiting(cleaned))
        later.start(told.append)
        await asyncio.sleep(0)
        later.cancel()
        await asyncio.sleep(0)

    in_a_loop(test)
    assert (cleaned, told) == ([True], [])


def test_what_nobody_goes_on_with_is_cleaned_up():
    cleaned = []

    async def test():
        run(never(cleaned))

    in_a_loop(test)
    gc.collect()
    assert cleaned == [True]


def test_what_is_parked_goes_on_within_the_call_that_wakes_it_and_needs_no_loop():
    parked, told = Parked(), []
    later = run(forwarding(parked_at(parked, [])))
    later.start(told.append)
    assert told == []
    parked.wake()
    assert told == [7]


def test_what_is_parked_may_wait_for_other_things_after_that():
    async def test():
        parked, future = Parked(), asyncio.get_running_loop().create_future()

        async def work():
            await parked
            await future
            await at_once()
            return 8

        end = going_on(work())
        parked.wake()
        await asyncio.sleep(0)
        future.set_result(None)
        return await end

    assert in_a_loop(test) == 8


def test_waking_what_was_cancelled_does_nothing():
    parked, told = Parked(), []
    later = run(forwarding(parked_at(parked, [])))
    later.start(told.append)
    later.cancel()
    parked.wake()
    assert told == []


def test_a_timeout_inside_a_task_holds_for_what_waits():
    async def test():
        async def work():
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()

        async def task():  # `asyncio.timeout` needs a task, so a plugin has one where it waits
            await asyncio.create_task(work())

        with pytest.raises(TimeoutError):
            await going_on(task())

    in_a_loop(test)
