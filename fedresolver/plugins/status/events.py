"""What changes, as it changes: server-sent events (HTML Standard 9.2), for the page and for whoever watches."""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from typing import NamedTuple

import msgspec

from fedresolver.status.directory import Directory
from fedresolver.status.documents import Clusters, Transition

EVENT_STREAM = "text/event-stream; charset=utf-8"
LAST = 50
"""How many transitions one who begins to watch is told of."""
MOST_FEEDS = 32
FULL = f"503 {MOST_FEEDS} pages are open already; close one, or ask again later\n".encode()
_RETRY = b"retry: 2000\n\n"
"""When a browser asks again after the server has gone or was reloaded, in milliseconds."""
_LOOK_SECONDS = 1.0
_PATIENCE = 15
"""Looks without news after which a line is sent all the same: who has gone is found out by that."""
_MOST_AT_ONCE = 500
_AGES = re.compile(rb'"(?:age|heard|skew)":[0-9.e+-]+,?')


class Feed:
    """What has changed in all federations, for one who watches."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._numbers: dict[str, int] = {}

    def last(self, most: int = LAST) -> tuple[Transition, ...]:
        """Return the last transitions, `most` of them, the newest last, and go on behind them."""
        return tuple(sorted(self.news(), key=lambda one: one.at))[-most:]

    def news(self) -> Iterator[Transition]:
        """Yield what has changed since it was last asked."""
        for told in self._directory.federations:
            for name in told.names:
                for one in told.transitions(name, self._numbers.get(name, 0)):
                    self._numbers[name] = one.number + 1
                    yield one


def clusters(directory: Directory) -> Clusters:
    """Return the member clusters as they are."""
    return Clusters(clusters=tuple(cluster for told in directory.federations for cluster in told.clusters()))


class Feeds:
    """All who watch, `limit` at most: they look at the same moments, and one look serves them all."""

    def __init__(self, directory: Directory, limit: int = MOST_FEEDS) -> None:
        self._directory = directory
        self._limit = limit
        self._ended = asyncio.Event()
        self._tick = -1
        self._look = _Look(b"", b"")
        self.count = 0

    @property
    def full(self) -> bool:
        """Whether nobody else may watch."""
        return self.count >= self._limit

    async def start(self) -> None:
        """Wait for those who watch."""

    async def stop(self) -> None:
        """End what all of them read: who still wants to know asks the next configuration."""
        self._ended.set()

    async def flow(self) -> AsyncGenerator[bytes, None]:
        """Yield events: the last transitions, then `clusters` whenever they are new, and `transition` for each change.

        It yields nothing where the last place was taken since it was made.
        """
        if self.full:
            return
        self.count += 1
        try:
            async with aclosing(self._pieces()) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self.count -= 1

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        feed = Feed(self._directory)
        yield _RETRY + b"".join(event("transition", one) for one in feed.last())
        told, quiet = b"", 0
        while not self._ended.is_set():
            look = self._looked()
            news = [event("transition", one) for one in feed.news()][-_MOST_AT_ONCE:]
            if news or look.still != told:
                told, quiet = look.still, 0
                yield look.found + b"".join(news)
            elif quiet >= _PATIENCE:
                quiet = 0
                yield b": still here\n\n"
            quiet += 1
            await self._next()

    def _looked(self) -> "_Look":
        """Return how the clusters stand, as it was seen in the present tick."""
        tick = int(asyncio.get_running_loop().time() / _LOOK_SECONDS)
        if tick != self._tick:
            found = event("clusters", clusters(self._directory))
            self._tick, self._look = tick, _Look(found, _AGES.sub(b"", found))
        return self._look

    async def _next(self) -> None:
        """Wait for the next tick, or the end."""
        now = asyncio.get_running_loop().time()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS - now % _LOOK_SECONDS):
                await self._ended.wait()


class _Look(NamedTuple):
    """How the clusters stand: the event that tells of it, and what of that is no age, for ages are no news."""

    found: bytes
    still: bytes


def event(name: str, what: msgspec.Struct) -> bytes:
    """Return an event with a document; JSON has no line of its own end."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(what))
