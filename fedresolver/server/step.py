"""Running a handler without a task, for as long as it does not wait.

Nearly every chain of handlers completes without waiting for anything. It is driven by hand then: a task per query
would cost more than the answer. Only a handler that does wait is handed on, at the point where it stopped.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Waiting(Exception):  # noqa: N818  (not an error: the way a waiting handler leaves `run`)
    """The coroutine waits; `rest` goes on with it and gives its result."""

    def __init__(self, rest: Awaitable[Any]) -> None:
        super().__init__()
        self.rest = rest


def run(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of `work`, run until it ends; Waiting when it has to wait for something."""
    try:
        first = work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise Waiting(_rest(work, first))


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
