"""Coroutines that are run by hand until they wait."""

import asyncio
import gc

import pytest

from fedresolver.server.step import Waiting, run


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


def rest_of(work):
    with pytest.raises(Waiting) as waiting:
        run(work)
    return waiting.value.rest


def in_a_loop(test):
    async def bounded():
        async with asyncio.timeout(5):
            return await test()

    return asyncio.run(bounded())


def test_what_waits_goes_on_in_a_task():
    async def test():
        future = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(forwarding(rest_of(forwarding(future))))
        await asyncio.sleep(0)
        future.set_result(7)
        return await task

    assert in_a_loop(test) == 7


def test_what_waits_several_times_goes_on_each_time():
    async def test():
        futures = [asyncio.get_running_loop().create_future() for _ in range(3)]

        async def work():
            return [await future for future in futures]

        task = asyncio.create_task(forwarding(rest_of(work())))
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

        task = asyncio.create_task(forwarding(rest_of(work())))
        await asyncio.sleep(0)
        future.set_exception(OSError())
        return await task

    assert in_a_loop(test) == "handled"


def test_an_error_after_waiting_leaves_the_task():
    async def test():
        async def work():
            await asyncio.sleep(0)
            raise RuntimeError("no")

        await asyncio.create_task(forwarding(rest_of(work())))

    with pytest.raises(RuntimeError, match="no"):
        in_a_loop(test)


def test_a_task_that_is_cancelled_cancels_what_waits():
    cleaned = []

    async def test():
        async def work():
            try:
                await asyncio.Event().wait()
            finally:
                cleaned.append(True)

        task = asyncio.create_task(forwarding(rest_of(work())))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return task.cancelled()

    assert (in_a_loop(test), cleaned) == (True, [True])


def test_what_nobody_goes_on_with_is_cleaned_up():
    cleaned = []

    async def test():
        async def work():
            try:
                await asyncio.Event().wait()
            finally:
                cleaned.append(True)

        rest_of(work())

    in_a_loop(test)
    gc.collect()
    assert cleaned == [True]


def test_a_timeout_inside_a_task_holds_for_what_waits():
    async def test():
        async def work():
            async with asyncio.timeout(0.01):
                await asyncio.Event().wait()

        async def task():  # `asyncio.timeout` needs a task, so a plugin has one where it waits
            await asyncio.create_task(work())

        with pytest.raises(TimeoutError):
            await asyncio.create_task(forwarding(rest_of(task())))

    in_a_loop(test)
