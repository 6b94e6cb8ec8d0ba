"""Running a handler without a task, for as long as it can be done.

Nearly every chain of handlers completes without waiting for anything. It is driven by hand then: a task per query
would cost more than the answer. One that waits for an upstream is driven by hand, too, and goes on within the call that
brings the answer. Only what waits for something else of asyncio is handed on to a task, at the point where it stopped.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any, Generic, TypeVar

from fedresolver.chain.parked import Parked

T = TypeVar("T")


class Later(Generic[T]):
    """A coroutine that waits: it goes on when it can, until `start` is told its end."""

    __slots__ = ("_deliver", "_task", "_wanted", "_work")

    def __init__(self, work: Coroutine[Any, Any, T], wanted: object) -> None:
        self._work = work
        self._wanted = wanted
        self._task: asyncio.Task[None] | None = None
        self._deliver: Callable[[T | Exception], None]

    def start(self, deliver: Callable[[T | Exception], None]) -> None:
        """Go on, and call `deliver` once with the result or the exception; not after `cancel`."""
        self._deliver = deliver
        self._wait(self._wanted)

    def cancel(self) -> None:
        """Go on no more."""
        if self._task is None:
            self._work.close()
        else:
            self._task.cancel()

    def _wait(self, wanted: object) -> None:
        if isinstance(wanted, Parked):
            wanted.wake = self._go_on
        else:
            self._task = asyncio.get_running_loop().create_task(self._in_a_task(wanted))

    def _go_on(self) -> None:
        try:
            wanted = self._work.send(None)
        except StopIteration as done:
            self._end(done.value)
        except Exception as error:
            self._end(error)
        else:
            self._wait(wanted)

    def _end(self, what: T | Exception) -> None:
        """Tell what came of it, and forget whom: who is told has this, so both would be garbage of the harder kind."""
        deliver = self._deliver
        del self._deliver
        deliver(what)

    async def _in_a_task(self, wanted: object) -> None:
        try:
            result = await _rest(self._work, wanted)
        except Exception as error:
            self._end(error)
        else:
            self._end(result)


def run(work: Coroutine[Any, Any, T]) -> T | Later[T]:
    """Return the result of `work`, run until it ends, or what goes on with it when it has to wait for something."""
    try:
        wanted = work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    return Later(work, wanted)


@coroutine
def _rest(work: Coroutine[Any, Any, T], first: object) -> Generator[object, Any, T]:
    """Go on with `work`, which has yielded `first`, inside of whatever task awaits this."""
    wanted = first
    while True:
        step: Callable[[Any], object] = work.send
        value: object = None
        try:
            value = yield wanted
        except BaseException as error:
            step, value = work.throw, error
        try:
            wanted = step(value)
        except StopIteration as done:
            result: T = done.value
            return result
