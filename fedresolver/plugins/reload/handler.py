"""The watch over the files of the configuration."""

import asyncio
from collections.abc import Awaitable, Callable

from fedresolver.chain.setup import Process


class Watch:
    """Asks the process every `interval` seconds whether its configuration has changed, and reloads it then."""

    def __init__(
        self, process: Process, interval: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._process = process
        self._interval = interval
        self._sleep = sleep
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to watch."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="reload")

    async def stop(self) -> None:
        """End; a reload of its own that replaces this very watch is brought to its end first."""
        self._stopped = True
        task, self._task = self._task, None
        if task is None or task is asyncio.current_task():
            return
        task.cancel()
        await asyncio.wait((task,))

    async def _run(self) -> None:
        while not self._stopped:
            await self._sleep(self._interval)
            if self._process.changed():
                await self._process.reload()
