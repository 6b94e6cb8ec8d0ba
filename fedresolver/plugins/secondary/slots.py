"""How many zones come in at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MOST = 10
MOST_OF_ONE = 4
"""Of one primary: one that is slow does not keep the zones of others waiting."""


class Slots:
    """A slot for each of the transfers that may be under way at once; all copies of the process share them."""

    def __init__(self, most: int = MOST, of_one: int = MOST_OF_ONE) -> None:
        self._free = asyncio.Semaphore(most)
        self._of_one = of_one
        self._primaries: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def one(self, primary: str) -> AsyncIterator[None]:
        """Wait for a slot for a zone of `primary`, hold it, and give it back."""
        async with self._primaries.setdefault(primary, asyncio.Semaphore(self._of_one)), self._free:
            yield

    async def start(self) -> None:
        """Do nothing: they are there."""

    async def stop(self) -> None:
        """Do nothing: whoever holds one gives it back."""
