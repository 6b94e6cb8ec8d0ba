"""One question under way, for all who ask it: its attempts one after the other, and the first good answer.

An attempt that has no answer yet is never given up while the question is under way: another upstream is asked beside
it, and whoever answers first has answered.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from fedresolver.chain.parked import Parked
from fedresolver.upstream.exchange.udp import LARGEST, Waiting
from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.upstream.forwarding.upstream import Upstream
from fedresolver.wire.asking import ask
from fedresolver.wire.const import Rcode, rcode_text
from fedresolver.wire.query import Query
from fedresolver.wire.received import Received, ResponseError, is_truncated, read_response

T = TypeVar("T")
ATTEMPTS = 3
"""How often the alarm rings, for the last time to end the question."""
PATIENCE = 0.9
"""How long the one asked last must have had, in seconds, to be late when the alarm rings."""
_NO_ID = b"\0\0"
_NO_EDNS = frozenset((Rcode.FORMERR, Rcode.NOTIMP))
"""How a server that knows no EDNS answers, without OPT (RFC 6891 7)."""
_LARGEST_RCODE = 15
"""Larger ones are about the EDNS of one hop (RFC 6891 6.1.3): of no use to a client, and unsayable to one without."""


class Traffic(Protocol):
    """What a flight needs of those who let it go."""

    failover: frozenset[int]

    def now(self) -> float:
        """Return the time, in seconds of the monotonic clock."""

    def letters(self, name: bytes) -> bytes | None:
        """Return `name` in a letter case that nobody can guess, None where the case is left alone."""

    def nap(self, flight: "Flight") -> None:
        """Wake a flight once more, if it is still under way then."""

    def landed(self, flight: "Flight") -> None:
        """Take note that it is over."""


class Asker(Parked):
    """One who asks: woken when there is an `outcome`."""

    __slots__ = ("outcome",)

    def __init__(self) -> None:
        super().__init__()
        self.outcome: Received | UpstreamError | None = None


class Attempt:
    """One upstream that was asked over UDP, at a time."""

    __slots__ = ("flight", "since", "upstream", "waiting")

    def __init__(self, flight: "Flight", upstream: Upstream, since: float) -> None:
        self.flight = flight
        self.upstream = upstream
        self.since = since
        self.waiting: Waiting | None = None

    def take(self, message: bytes) -> None:
        """Be given the message that answers."""
        self.flight.heard(self, message)

    def fail(self, error: UpstreamError) -> None:
        """Be told that there will be none."""
        self.flight.lost(self, error)


class Flight:  # with slots: there are many, and not for long
    """The question `query`, asked of `upstreams` in their order, over streams only where `streamed`.

    `askers` are given what it ends with: an answer, or an UpstreamError. It ends at `until`, when its last alarm rings.
    """

    __slots__ = (
        "_attempts", "_edns", "_last", "_since", "_streamed", "_tasks", "_traffic", "_tried", "_upstreams", "_woken",
        "askers", "done", "key", "query", "until",
    )  # fmt: skip

    def __init__(
        self, key: bytes, query: Query, upstreams: Sequence[Upstream], traffic: Traffic, until: float, *, streamed: bool
    ) -> None:
        self.key = key
        self.query = query
        self.until = until
        self.done = False
        self.askers: list[Asker] = []
        self._upstreams = upstreams
        self._traffic = traffic
        self._streamed = streamed
        self._edns = True
        self._woken = 0
        self._since = 0.0
        self._tried: list[Upstream] = []
        self._attempts: list[Attempt] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._last: Received | UpstreamError | None = None

    def begin(self) -> None:
        """Ask the first upstream."""
        self._try_next(again=False)

    def wake(self) -> None:
        """Take in that the upstream asked last is late: ask another one, or it again; at `until` give up."""
        self._woken += 1
        if self._tried and self._traffic.now() - self._since >= PATIENCE:
            self._last = self._tried[-1].late()
            self._tried[-1].failed(Cause.TIMEOUT)
        if self._woken == ATTEMPTS:
            self._give_up()
            return
        self._try_next(again=True)
        if not self.done:
            self._traffic.nap(self)

    def heard(self, attempt: Attempt, message: bytes) -> None:
        """Take in what an upstream answered over UDP."""
        self._attempts.remove(attempt)
        attempt.waiting = None
        if is_truncated(message) or len(message) >= LARGEST:
            self._over_stream(attempt.upstream)
        else:
            self._take(attempt, message)

    def lost(self, attempt: Attempt, error: UpstreamError) -> None:
        """Take in that an upstream will not answer."""
        if attempt in self._attempts:
            self._attempts.remove(attempt)
        if self.done:
            return
        attempt.upstream.failed(error.cause)
        self._last = error
        self._try_next(again=False)

    def end(self, outcome: Received | UpstreamError) -> None:
        """Give `outcome` to all who wait, and wait for nothing more."""
        self.done = True
        for attempt in self._attempts:
            if attempt.waiting is not None:
                attempt.upstream.udp.forget(attempt.waiting)
                attempt.waiting = None
        for task in self._tasks:
            task.cancel()
        self._traffic.landed(self)
        # Nothing may refer to itself any more: for the garbage collector to find it would cost more than all this.
        askers, self.askers, self._attempts = self.askers, [], []
        for asker in askers:
            asker.outcome = outcome
            asker.wake()

    def _try_next(self, *, again: bool) -> None:
        """Ask the next upstream; without one, end when nothing is under way any more."""
        while (upstream := self._next(again=again)) is not None:
            self._tried.append(upstream)
            self._since = self._traffic.now()
            if self._ask(upstream):
                return
            again = False
        if not self._tasks and not any(attempt.upstream.usable for attempt in self._attempts):
            self._give_up()

    def _next(self, *, again: bool) -> Upstream | None:
        """Return whom to ask: who is up before who is not, who was not asked before who was."""
        for one in self._upstreams:
            if one.up and one not in self._tried:
                return one
        usable = [one for one in self._upstreams if one.usable]
        if not usable and not self._tried:
            for one in self._upstreams:
                one.wanted(self.query)
        fresh = [one for one in usable if one not in self._tried]
        if not fresh and not again:
            return None
        return min(fresh or usable, key=lambda one: (not one.up, self._tried.count(one)), default=None)

    def _ask(self, upstream: Upstream) -> bool:
        """Ask an upstream; False when the question cannot leave."""
        try:
            self._send(upstream)
        except UpstreamError as error:
            self._last = error
            upstream.failed(error.cause)
            return False
        return True

    def _send(self, upstream: Upstream) -> None:
        if self._streamed or upstream.streams_only:
            self._over_stream(upstream)
            return
        name = self._traffic.letters(self.query.qname)
        question = (name or self.query.qname) + self.query.question[-4:]
        message = ask(_NO_ID, self.query, question=question, edns=self._edns)
        attempt = Attempt(self, upstream, self._traffic.now())
        attempt.waiting = upstream.udp.send(message[2:], question, attempt, exact=name is not None)
        upstream.counts.asked["udp"] += 1
        self._attempts.append(attempt)

    def _over_stream(self, upstream: Upstream) -> None:
        task = asyncio.get_running_loop().create_task(self._stream(Attempt(self, upstream, self._traffic.now())))
        self._tasks.append(task)

    async def _stream(self, attempt: Attempt) -> None:
        upstream = attempt.upstream
        upstream.counts.asked[upstream.transport] += 1
        message = ask(_NO_ID, self.query, edns=self._edns)
        try:
            octets = await upstream.streams.ask(message, self.until - self._traffic.now())
        except UpstreamError as error:
            self._leave_task(self.lost, attempt, error)
        else:
            self._leave_task(self._take, attempt, octets)

    def _leave_task(self, then: Callable[[Attempt, T], None], attempt: Attempt, what: T) -> None:
        """Go on outside of this task: those who wait are no part of it. Until then it counts as under way."""
        task = asyncio.current_task()

        def go_on() -> None:
            self._tasks = [one for one in self._tasks if one is not task]
            then(attempt, what)

        asyncio.get_running_loop().call_soon(go_on)

    def _take(self, attempt: Attempt, message: bytes) -> None:
        if self.done:
            return
        try:
            received = read_response(message, self.query)
        except ResponseError as error:
            self._disbelieve(attempt.upstream, str(error))
            return
        attempt.upstream.answered(self.query, received.rcode, self._traffic.now() - attempt.since)
        self._judge(attempt.upstream, received)

    def _judge(self, upstream: Upstream, received: Received) -> None:
        if received.rcode > _LARGEST_RCODE:
            self._disbelieve(upstream, f"a response code that is not for a client: {rcode_text(received.rcode)}")
        elif received.rcode in _NO_EDNS and self._edns and not received.has_opt:
            self._edns = False
            if not self._ask(upstream):
                self._try_next(again=False)
        elif received.rcode in self._traffic.failover:
            self._last = received
            self._try_next(again=False)
        else:
            self.end(received)

    def _disbelieve(self, upstream: Upstream, why: str) -> None:
        """Go on without an answer that came, but is none."""
        upstream.unreadable(why)
        self._last = UpstreamError(Cause.GARBAGE, f"{upstream.name}: {why}")
        self._try_next(again=False)

    def _give_up(self) -> None:
        self.end(self._last or UpstreamError(Cause.TIMEOUT, "no upstream is up, or what is up asks us again"))
