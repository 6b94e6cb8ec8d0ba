"""Notice that something beneath a folder may have changed."""

import asyncio
import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from typing import TypeAlias

Identity: TypeAlias = tuple[int, int]
"""The device and the inode of a folder."""

_QUIET = 40  # milliseconds without a change, after which a burst of changes is one
_BURST = 200  # milliseconds after which it is one, even while it goes on
_RETRY = 0.5  # seconds between looks where nothing watches: the folder is away, or the kernel has no watch left
_logger = logging.getLogger("fedresolver.federation")


class Notice:
    """Watches a folder and all beneath it, as long as there is one of that name, and folders that it links to.

    It only says that there is a reason to look, and it may miss one: what is noticed must also be looked for slowly.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._watched: dict[str, Identity] = {}
        self._failure = ""
        self._follower: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def begin(self, links: Iterable[str] = ()) -> bool:
        """Watch the folders that have the names now; cheap when that is so already.

        Return whether they are others than before: then what changed until now was not noticed, so look again.
        """
        wanted = _identities((self._folder, *links))
        before, self._watched = self._watched, wanted
        if self._follower and wanted == before and not self._follower.done():
            return False
        await self.close()
        if self._folder in wanted:
            self._follower = asyncio.create_task(self._follow())
            await asyncio.sleep(0)  # the watch stands when the follower waits for the first time
        return wanted != before

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
                *self._watched, watch_filter=None, step=_QUIET, debounce=_BURST, ignore_permission_denied=True
            ):
                self._changed.set()
        except (OSError, RuntimeError) as error:  # RuntimeError: watchfiles' own failures
            if self._watched == _identities(self._watched) and self._failure != str(error):
                self._failure = str(error)
                _logger.warning("%s is not watched, only looked at twice a second: %s", self._folder, error)


def _identities(folders: Iterable[str]) -> dict[str, Identity]:
    """Return what tells each folder from another that takes its name later; those that are away are left out."""
    found = {}
    for folder in folders:
        with suppress(OSError):
            status = os.stat(folder)
            found[folder] = status.st_dev, status.st_ino
    return found
