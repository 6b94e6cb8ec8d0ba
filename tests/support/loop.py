"""An event loop in a thread of its own, so that a test can ask with blocking sockets and with dig."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
SECONDS = 20.0


class Loop:
    """Runs coroutines and calls in its loop; `complaints` are what the loop had to report, which a test expects to be
    empty."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.complaints: list[dict[str, Any]] = []
        loop.set_exception_handler(self._complain)

    def _complain(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.complaints.append(context)
        loop.default_exception_handler(context)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return the result of a coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)

    def call(self, function: Callable[..., T], *args: object) -> T:
        """Return the result of a call made in the loop."""

        async def work() -> T:
            return function(*args)

        return self.run(work())


@contextmanager
def looping() -> Iterator[Loop]:
    """Give a loop that runs; at the end there must be no task left, and nothing to complain about."""
    with asyncio.Runner() as runner:
        loop = Loop(runner.get_loop())
        thread = threading.Thread(target=runner.get_loop().run_forever)
        thread.start()
        try:
            yield loop
            left = loop.call(lambda: [str(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()])
        finally:
            runner.get_loop().call_soon_threadsafe(runner.get_loop().stop)
            thread.join()
    assert left == []
    assert loop.complaints == []
