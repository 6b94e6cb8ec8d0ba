"""Asking an upstream that did not answer again and again, until it does.

What is asked is in turn the name of the configuration, the question that it answered last, and the one that was meant
for it last: a server without a way to the root does not answer for the root, but it does for its own names.
"""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import cycle
from typing import Protocol

import msgspec

from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.upstream.forwarding.health import News
from fedresolver.wire.const import Type
from fedresolver.wire.name import ROOT, Name
from fedresolver.wire.query import Query, question


class Checking(msgspec.Struct, frozen=True, kw_only=True):
    """How upstreams are checked: `every` so many seconds, for the NS records of `name`, with RD where `recursion`."""

    every: float = 0.5
    name: Name = ROOT
    recursion: bool = True


class Ask(Protocol):
    """How an upstream is asked."""

    def __call__(self, query: Query, *, recursion: bool) -> Awaitable[object]:
        """Return what it answers; UpstreamError when it does not."""


class Checks:
    """The checks of one upstream: `ask` asks it, `learn` is told, and says whether it is up then.

    `answered` and `wanted` are questions that it has answered, and that it should.
    """

    def __init__(self, checking: Checking, ask: Ask, learn: Callable[[News], bool]) -> None:
        self.answered: Query | None = None
        self.wanted: Query | None = None
        self._checking = checking
        self._ask = ask
        self._learn = learn
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Check until it is up, if that is not done already."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._until_up())

    async def end(self) -> None:
        """Check no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _until_up(self) -> None:
        own = question(self._checking.name, Type.NS)
        for turn in cycle(range(3)):
            query = (own, self.answered, self.wanted)[turn]
            if query is None:
                continue
            if self._learn(await self._news(query, recursion=self._checking.recursion or query is not own)):
                break
            await asyncio.sleep(self._checking.every)
        self._task = None

    async def _news(self, query: Query, *, recursion: bool) -> News:
        try:
            await self._ask(query, recursion=recursion)
        except UpstreamError as error:
            return News.ANSWERED if error.cause is Cause.GARBAGE else News.CHECK_FAILED
        return News.ANSWERED
