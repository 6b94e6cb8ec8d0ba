"""Notice that something beneath a folder may have changed."""

import asyncio
import logging
import os

_QUIET = 40  # milliseconds without a change, after which a burst of changes is one
_BURST = 200  # milliseconds after which it is one, even while it goes on
_RETRY = 0.5  # seconds between looks where nothing watches: the folder is away, or the kernel has no watch left
_logger = logging.getLogger("fedresolver.federation")


class Notice:
    """Watches a folder and all beneath it, as long as there is one of that name.

    It only says that there is a reason to look, and it may miss one: what is noticed must also be looked for slowly.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._identity: tuple[int, int] | None = None
        self._follower: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def begin(self) -> None:
        """Watch the folder that has the name now; changes from here on are noticed. Cheap when that is so already."""
        identity = _identity(self._folder)
        if self._follower and identity == self._identity and not self._follower.done():
            return
        await self.close()
        self._identity = identity
        if identity is not None:
            self._follower = asyncio.create_task(self._follow())
            await asyncio.sleep(0)  # the watch stands when the follower waits for the first time

    async def wait(self, seconds: float) -> None:
        """Return when something changed since the last return, or after `seconds` at most."""
        watched = self._follower is not None and not self._follower.done()
        try:
            async with asyncio.timeout(seconds if watched else min(seconds, _RETRY)):
                await self._changed.wait()
        except TimeoutError:
            return
        self._changed.clear()

    async def close(self) -> None:
        """End the watch."""
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.gather(self._follower, return_exceptions=True)
            self._follower = None

    async def _follow(self) -> None:
        from watchfiles import awatch  # here: nobody else pays for it

        try:
            async for _ in awatch(
                self._folder, watch_filter=None, step=_QUIET, debounce=_BURST, ignore_permission_denied=True
            ):
                self._changed.set()
        except (OSError, RuntimeError) as error:  # RuntimeError: watchfiles' own failures
            if _identity(self._folder) == self._identity:
                _logger.warning("%s is not watched, only looked at twice a second: %s", self._folder, error)


def _identity(folder: str) -> tuple[int, int] | None:
    """Return what tells this folder from another that takes its name later; None where there is no folder."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino
