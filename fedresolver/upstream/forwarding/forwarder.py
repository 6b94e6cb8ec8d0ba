"""Asking the upstreams of one `forward`: identical questions once, bounded in number and in time."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

from fedresolver.upstream.exchange.entropy import Entropy
from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.upstream.forwarding.alarms import Alarms
from fedresolver.upstream.forwarding.flight import Asker, Flight
from fedresolver.upstream.forwarding.policy import Policy, order
from fedresolver.upstream.forwarding.upstream import Upstream
from fedresolver.wire.asking import key_of, mixed_case
from fedresolver.wire.query import Query
from fedresolver.wire.received import Received

SECONDS = 4.8
"""How long a question may take in all: a little less than the 5 s after which stub resolvers take us for dead."""
_FIRST, _LATER = 1.0, 1.9
"""When another attempt is made, in seconds after the first one and after each that follows: `ATTEMPTS` in `SECONDS`."""
MOST_ASKERS = 16_384
"""Who waits at the same time: beyond that the oldest question is given up, for its askers have waited longest."""
_STOPPED = UpstreamError(Cause.BUSY, "it is not asked by this configuration any more")
_STREAMED = b"\1"


class Conduct(msgspec.Struct, frozen=True, kw_only=True):
    """How questions are asked: in which order, which rcodes lead to the next upstream, in random letters or not (0x20).

    `max_concurrent` is the most who may wait, 0 for our own bound alone.
    """

    policy: Policy = Policy.RANDOM
    failover: frozenset[int] = frozenset()
    mixed_case: bool = False
    max_concurrent: int = 0


class TooManyError(Exception):
    """More questions are under way than the operator allows."""


class Forwarder:
    """The unit that asks `upstreams`. `clock` is that of the event loop."""

    def __init__(self, upstreams: Sequence[Upstream], conduct: Conduct, clock: Callable[[], float]) -> None:
        self.upstreams = tuple(upstreams)
        self.failover = conduct.failover
        self.most_askers = MOST_ASKERS
        self.rejected = 0
        self.dropped = 0
        self.now = clock
        self._conduct = conduct
        self._order = order(conduct.policy)
        self._entropy = Entropy()
        self._flights: OrderedDict[bytes, Flight] = OrderedDict()
        self._waiting = 0  # in the flights, also those who went away meanwhile
        self._present = 0
        self._stopped = False
        self._idle: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._first, self._later = Alarms(_FIRST, clock), Alarms(_LATER, clock)

    async def start(self) -> None:
        """Do nothing: what is needed is opened when it is first used."""

    async def stop(self) -> None:
        """Let what is under way come to its end, and give back everything."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                while self._present:  # who had an answer may have asked again with it
                    self._idle = asyncio.Event()
                    await self._idle.wait()
        self._stopped = True
        for flight in tuple(self._flights.values()):
            flight.end(_STOPPED)
        self._first.clear()
        self._later.clear()
        await asyncio.gather(*(upstream.close() for upstream in self.upstreams))

    async def ask(self, query: Query, *, streamed: bool = False) -> Received | UpstreamError:
        """Return what an upstream answers, or why none does; TooManyError beyond `max_concurrent`.

        `streamed` is never over UDP.
        """
        if self._stopped:
            return _STOPPED
        most = self._conduct.max_concurrent
        if most and self._waiting >= most:
            self.rejected += 1
            raise TooManyError
        key = key_of(query) + (_STREAMED if streamed else b"")
        flight = self._flights.get(key)
        if self._waiting >= self.most_askers and not self._make_room(flight):
            return UpstreamError(Cause.BUSY, "too many questions wait")
        if self._loop is None:
            self._loop = asyncio.get_running_loop()  # each time it would cost a system call
        asker = Asker()
        self._waiting += 1
        self._present += 1
        try:
            if flight is None:
                self._take_off(key, query, asker, streamed=streamed)
            else:
                flight.askers.append(asker)
            if asker.outcome is None:
                await (asker if asyncio.current_task(self._loop) is None else _in_a_task(asker))
            if asker.outcome is None:
                raise RuntimeError("woken without an outcome")
            return asker.outcome
        finally:
            self._present -= 1
            if self._idle is not None and not self._present:
                self._idle.set()

    def letters(self, name: bytes) -> bytes | None:
        """Return `name` in a letter case that nobody can guess, None where the case is left alone."""
        if not self._conduct.mixed_case:
            return None
        return mixed_case(name, int.from_bytes(self._entropy.take(len(name))))

    def nap(self, flight: Flight) -> None:
        """Wake a flight once more, if it is still under way then."""
        self._later.put(flight)

    def landed(self, flight: Flight) -> None:
        """Take note that a flight is over: until now its askers counted."""
        del self._flights[flight.key]
        self._waiting -= len(flight.askers)

    def _take_off(self, key: bytes, query: Query, asker: Asker, *, streamed: bool) -> None:
        upstreams = self.upstreams
        if len(upstreams) > 1:
            upstreams = tuple(upstreams[number] for number in self._order(len(upstreams)))
        flight = Flight(key, query, upstreams, self, self.now() + SECONDS, streamed=streamed)
        flight.askers.append(asker)
        self._flights[key] = flight
        self._first.put(flight)
        flight.begin()

    def _make_room(self, wanted: Flight | None) -> bool:
        """Give up the oldest question; False when that is the one which is wanted."""
        oldest = next(iter(self._flights.values()))
        self.dropped += 1
        if oldest is wanted:
            return False
        oldest.end(UpstreamError(Cause.BUSY, "too many newer questions wait"))
        return True


async def _in_a_task(asker: Asker) -> None:
    """Wait until `asker` is woken, as asyncio can."""
    given = asyncio.Event()
    asker.wake = given.set
    await given.wait()
