"""Work that would hold up the event loop, in a thread beside it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def beside(work: Callable[[], T]) -> T:
    """Return what `work` returns, run in a thread of its own.

    Unlike with asyncio.to_thread nobody waits for the thread at the end of the process: work that is not wanted any
    more goes on unseen until it or the process ends.
    """
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # all of it is raised again where it is waited for
            future.set_exception(error)

    Thread(target=run, name="fedresolver-beside", daemon=True).start()
    return await asyncio.wrap_future(future)
