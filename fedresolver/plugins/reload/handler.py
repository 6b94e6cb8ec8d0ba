"""The watch over the files of the configuration."""

import asyncio
from collections.abc import Awaitable, Callable

from fedresolver.chain.setup import Process
from fedresolver.watch.rounds import Rounds


class Watch:
    """Asks the process every `interval` seconds whether its configuration has changed, and reloads it then."""

    def __init__(
        self, process: Process, interval: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._process = process
        self._rounds = Rounds("reload", interval, self._look, sleep)

    async def start(self) -> None:
        """Begin to watch."""
        self._rounds.start()

    async def stop(self) -> None:
        """End; a reload of its own that replaces this very watch is brought to its end first."""
        await self._rounds.stop()

    async def _look(self) -> None:
        if self._process.changed():
            await self._process.reload()
