"""How many zones come in at a time."""

import asyncio
from contextlib import AbstractAsyncContextManager

MOST = 10


class Slots:
    """A slot for each of the transfers that may be under way at once; all copies of the process share them."""

    def __init__(self, most: int = MOST) -> None:
        self._free = asyncio.Semaphore(most)

    def one(self) -> AbstractAsyncContextManager[None]:
        """Return what waits for a slot, holds it, and gives it back."""
        return self._free

    async def start(self) -> None:
        """Do nothing: they are there."""

    async def stop(self) -> None:
        """Do nothing: whoever holds one gives it back."""
