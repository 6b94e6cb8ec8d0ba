"""Long work in portions, between which everybody else in the event loop has a turn."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, Self, TypeVar

MOST = 100
"""Things in a portion: objects of the usual size take about a millisecond."""
MOST_OCTETS = 128 << 10
"""Octets of a portion, unless a single thing has more."""
T = TypeVar("T")


class Turns(Generic[T]):
    """Iterates over portions of `things`; `octets` says how long one is."""

    def __init__(self, things: Sequence[T], octets: Callable[[T], int] = lambda _: 0) -> None:
        self._things = things
        self._octets = octets
        self._next = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[T]:
        """Return the next portion, once everybody else had a turn since the last one."""
        start = self._next
        if start >= len(self._things):
            raise StopAsyncIteration
        if start:
            await asyncio.sleep(0)
        self._next = end = self._end(start)
        return self._things[start:end]

    def _end(self, start: int) -> int:
        end, size = start, 0
        for thing in self._things[start : start + MOST]:
            end += 1
            size += self._octets(thing)
            if size > MOST_OCTETS:
                break
        return end
