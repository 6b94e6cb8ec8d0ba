"""Which upstreams loop.

Each is asked for a name that nobody can guess. If a query for that name comes to us, what this upstream is asked comes
back, and it is taken out. It is asked again and again, for what loops may change at any time: an upstream that answers
without asking us is put in again.

Most loops are there from the start, so the first rounds follow each other quickly.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from secrets import token_hex
from typing import Protocol

from fedresolver.plugins.loop.probe import DIGITS, probe_name, suffix
from fedresolver.upstream.failure import UpstreamError
from fedresolver.wire.const import Type
from fedresolver.wire.name import Name
from fedresolver.wire.query import Query, question

FIRST = 0.25
"""Seconds from the start to the first round; each pause is twice the one before it."""
EVERY = 30.0
"""The longest pause, in seconds."""
EVERY_WHILE_LOOPING = 10.0
"""The longest pause while an upstream is out."""
SECONDS = 2.0
"""How long an answer may take."""
LOST = 3
"""An upstream that is out, and gives no answer to so many probes in a row, none of which comes back, is put in again.

One alone may be lost on its way round. But there are servers that never answer such a question.
"""

log = logging.getLogger("fedresolver.loop")


class Upstream(Protocol):
    """A server that is asked about names in `zone`, unless it is `looping`."""

    @property
    def name(self) -> str:
        """How it is called in the log."""

    @property
    def zone(self) -> Name:
        """The zone that it is asked about."""

    looping: bool

    async def ask(self, query: Query, seconds: float) -> object:
        """Return its answer, whatever it is; UpstreamError when it gives none."""


class _Watched:
    """An upstream, its last two probes, whether the last came back, and how many in a row were lost."""

    def __init__(self, upstream: Upstream, zone: Name) -> None:
        self.upstream = upstream
        self.zone = zone
        self.probes: tuple[Name, ...] = ()
        self.returned = False
        self.lost = 0


class LoopWatch:
    """Probes `upstreams`, a list that is whole when it starts, of a server block with these zones."""

    def __init__(
        self,
        upstreams: Sequence[Upstream],
        zones: Sequence[Name],
        draw: Callable[[], str] = lambda: token_hex(DIGITS // 2),
    ) -> None:
        self.upstreams = upstreams
        self._zones = zones
        self._draw = draw
        self._out: dict[Name, _Watched] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to probe."""
        zones = ((upstream, suffix(upstream.zone, self._zones)) for upstream in self.upstreams)
        watched = [_Watched(upstream, zone) for upstream, zone in zones if zone is not None]
        self._task = asyncio.get_running_loop().create_task(self._run(watched), name="loop")

    async def stop(self) -> None:
        """End. What loops is for the next one to find out."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))
        self._out = {}
        for upstream in self.upstreams:
            upstream.looping = False

    def catch(self, qname: Name) -> bool:
        """Say whether a query is a probe of ours that came back, and take out the upstream that it was sent to."""
        watched = self._out.get(qname)
        if watched is None:
            return False
        watched.returned = True
        if not watched.upstream.looping:
            watched.upstream.looping = True
            log.warning(
                "upstream %s loops: what it is asked comes back to this server; it is left out until that ends: "
                "let `forward` name no server that asks this one",
                watched.upstream.name,
            )
        return True

    async def _run(self, all_watched: Sequence[_Watched]) -> None:
        pause = FIRST
        while True:
            await asyncio.sleep(pause)
            await asyncio.gather(*map(self._probe, all_watched))
            looping = any(watched.upstream.looping for watched in all_watched)
            pause = min(2 * pause, EVERY_WHILE_LOOPING if looping else EVERY)

    async def _probe(self, watched: _Watched) -> None:
        """Send a probe, and judge by what becomes of it."""
        name = self._next_probe(watched)
        watched.returned = False
        try:
            await watched.upstream.ask(question(name, Type.HINFO), SECONDS)
        except UpstreamError:
            watched.lost += 1
        else:
            watched.lost = 0
        if watched.returned:
            watched.lost = 0
        elif watched.upstream.looping and watched.lost in (0, LOST):
            watched.upstream.looping = False
            log.info("upstream %s does not loop any more, it is asked again", watched.upstream.name)

    def _next_probe(self, watched: _Watched) -> Name:
        """Return the name of another probe; only the one before it is still expected."""
        name = probe_name(self._draw(), watched.zone)
        for late in watched.probes[:-1]:
            del self._out[late]
        watched.probes = (*watched.probes[-1:], name)
        self._out[name] = watched
        return name
