"""Looking at something again and again, such as a file that somebody else may change."""

import asyncio
from collections.abc import Awaitable, Callable


class Rounds:
    """Calls `look` every `interval` seconds from start to stop, counted from the end of one to the next; never, if 0.

    `name` is that of its task. `sleep` waits.
    """

    def __init__(
        self,
        name: str,
        interval: float,
        look: Callable[[], Awaitable[None]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._name = name
        self._interval = interval
        self._look = look
        self._sleep = sleep
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running event loop."""
        self._stopped = False
        if self._interval and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """End; a look that stops its own rounds is the last one, and is brought to its end first."""
        self._stopped = True
        task, self._task = self._task, None
        if task is None or task is asyncio.current_task():
            return
        task.cancel()
        await asyncio.wait((task,))

    async def _run(self) -> None:
        while not self._stopped:
            await self._sleep(self._interval)
            await self._look()
