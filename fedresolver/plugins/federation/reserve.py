"""A serial that grows across restarts, whatever the clock says then.

A file holds a serial that was not reached yet: the next start goes on after it. So it need not be written each time.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from fedresolver.plugins.federation.serial import Serial
from fedresolver.watch.snapshot import disk
from fedresolver.watch.worker import beside

AHEAD = 120
"""How far the file is ahead when it is written; it is written again when half of that is used up."""
_logger = logging.getLogger("fedresolver.federation")


class Reserve:
    """The unit that keeps `serial` ahead of all that it was before, by the file at `path`, written `aside`."""

    def __init__(
        self, serial: Serial, path: str, aside: Callable[[Callable[[], None]], Awaitable[None]] = beside
    ) -> None:
        self._serial = serial
        self._path = path
        self._aside = aside
        self._reserved = 0
        self._told = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Go on after what the file says, and write what the next start is to go on after."""
        try:
            octets = disk.read(self._path)
            if octets is not None:
                self._serial.pass_over(int(octets))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            _logger.error("the serial in %s cannot be read: %s; it begins at the time of the clock", self._path, why)
        await self._write()
        self._serial.followers.append(self._grown)

    async def stop(self) -> None:
        """Write no more."""
        self._serial.followers.remove(self._grown)
        if self._task is not None:
            await asyncio.wait((self._task,))

    def _grown(self) -> None:
        if self._serial.ever + AHEAD // 2 > self._reserved and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._write())
            self._task.add_done_callback(self._written)

    def _written(self, _: asyncio.Task[None]) -> None:
        self._task = None

    async def _write(self) -> None:
        ahead = self._serial.ever + AHEAD
        try:
            await self._aside(lambda: disk.write(self._path, (b"%d\n" % ahead,)))
        except OSError as error:
            if not self._told:
                _logger.error("the serial cannot be written to %s: %s", self._path, error.strerror)
            self._told = True
        else:
            self._reserved, self._told = ahead, False
