"""One upstream: how it is reached, how it stands, what was counted of it."""

import asyncio
import logging
import ssl
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable

import msgspec

from fedresolver.upstream.exchange.stream import StreamPool
from fedresolver.upstream.exchange.udp import UdpPool
from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.upstream.forwarding.checks import Checking, Checks
from fedresolver.upstream.forwarding.health import Health, News, State
from fedresolver.upstream.target import Target
from fedresolver.wire.asking import ask, question_of
from fedresolver.wire.name import Name
from fedresolver.wire.query import Query
from fedresolver.wire.received import Received, ResponseError, is_truncated, read_response

CHECK_SECONDS = 1.0
"""How long a question of ours may take."""
BUCKETS = tuple(0.00025 * 2**power for power in range(16))
"""The upper ends, in seconds, by which the times of answers are counted."""
OTHER_RCODE = 24
"""What larger response codes are counted as: none of them is assigned, and a stranger may send 4,096."""
_QUIET_SECONDS = 60.0
"""How long nothing more is said of an upstream's answers after it was."""
_NO_ID = b"\0\0"
_log = logging.getLogger("fedresolver.forward")


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How the upstreams of one `forward` are treated.

    `streams_only` is never UDP; after `max_fails` failed checks one is down. Connections that are idle for `expire`
    seconds are closed.
    """

    streams_only: bool = False
    max_fails: int = 2
    checking: Checking = Checking()
    expire: float = 10.0


class Counts:
    """What was asked of an upstream, by transport, what came back, by rcode and in seconds, and what did not."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.rcodes: Counter[int] = Counter()
        self.causes: Counter[Cause] = Counter()
        self.failed_checks = 0
        self.times = [0] * (len(BUCKETS) + 1)
        self.seconds = 0.0


class Upstream:
    """The server `target`, asked about names in `zone`. `clock` is that of the event loop.

    `up` is whether it is asked before others. `looping` takes it out of the choice: what is sent there comes back to
    us. `counts` may be taken away, and new ones put in their place.
    """

    def __init__(
        self,
        target: Target,
        zone: Name,
        terms: Terms,
        context: ssl.SSLContext | None,
        clock: Callable[[], float],
    ) -> None:
        self.name = str(target)
        self.zone = zone
        self.up = True
        self._looping = False
        self.transport = "tls" if target.tls else "tcp"
        self.streams_only = target.tls or terms.streams_only
        self.streams = StreamPool(target, context, clock, terms.expire)
        self.udp = UdpPool(target, clock)
        self.counts = Counts()
        self._clock = clock
        self._quiet_until = float("-inf")
        self._health = Health(terms.max_fails)
        self._checks = Checks(terms.checking, self.ask, self._check)

    @property
    def state(self) -> State:
        """How it stands."""
        return self._health.state

    @property
    def looping(self) -> bool:
        """Whether what is sent there comes back to us."""
        return self._looping

    @looping.setter
    def looping(self, looping: bool) -> None:
        self._looping = looping
        self._weigh()

    @property
    def usable(self) -> bool:
        """Whether anything may be asked of it."""
        return not self._looping and self._health.state is not State.DOWN

    def wanted(self, query: Query) -> None:
        """Take note of a question that would be asked if it was up."""
        self._checks.wanted = query

    def answered(self, query: Query, rcode: int, seconds: float) -> None:
        """Take note of an answer and of how long it took."""
        self._checks.answered = query
        counts = self.counts
        counts.times[bisect_left(BUCKETS, seconds)] += 1
        counts.seconds += seconds
        counts.rcodes[min(rcode, OTHER_RCODE)] += 1
        if self._health.state is not State.UP:
            self._learn(News.ANSWERED)

    def failed(self, cause: Cause) -> None:
        """Take note that a question got no answer: from now on it is checked until it answers."""
        self.counts.causes[cause] += 1
        if cause is not Cause.BUSY and not self._learn(News.FAILED):
            self._checks.begin()

    def late(self) -> UpstreamError:
        """Return the error of a question that it did not answer in time."""
        return UpstreamError(Cause.TIMEOUT, f"{self.name}: nothing came in time")

    def unreadable(self, why: str) -> None:
        """Take note of an answer that cannot be read, and why."""
        self.counts.causes[Cause.GARBAGE] += 1
        now = self._clock()
        if now >= self._quiet_until:
            self._quiet_until = now + _QUIET_SECONDS
            _log.warning("upstream %s: an answer cannot be read: %s", self.name, why)

    async def ask(self, query: Query, seconds: float = CHECK_SECONDS, *, recursion: bool = True) -> Received:
        """Return what it answers to one question of ours; UpstreamError when it does not, or not readably."""
        message = ask(_NO_ID, query, recursion=recursion)
        try:
            octets = await self._exchange(message, query, seconds)
            return read_response(octets, query)
        except ResponseError as error:
            raise UpstreamError(Cause.GARBAGE, f"{self.name}: {error}") from error

    async def close(self) -> None:
        """Give back everything."""
        await self._checks.end()
        self.udp.close()
        await self.streams.close()

    async def _exchange(self, message: bytes, query: Query, seconds: float) -> bytes:
        if not self.streams_only:
            octets = await self._over_udp(message, query, seconds)
            if not is_truncated(octets):
                return octets
        return await self.streams.ask(message, seconds)

    async def _over_udp(self, message: bytes, query: Query, seconds: float) -> bytes:
        answer = _Answer(asyncio.get_running_loop().create_future())
        waiting = self.udp.send(message[2:], question_of(query), answer, exact=False)
        try:
            async with asyncio.timeout(seconds):
                return await answer.future
        except TimeoutError as error:
            raise self.late() from error
        finally:
            self.udp.forget(waiting)

    def _weigh(self) -> None:
        self.up = self._health.state is State.UP and not self._looping

    def _check(self, news: News) -> bool:
        if news is News.CHECK_FAILED:
            self.counts.failed_checks += 1
        return self._learn(news)

    def _learn(self, news: News) -> bool:
        """Take in news, and say whether it is up."""
        before = self._health.state
        after = self._health.learn(news)
        self._weigh()
        if after is State.DOWN and before is not State.DOWN:
            _log.warning("upstream %s does not answer: it is not asked until a health check succeeds", self.name)
        elif before is State.DOWN and after is not State.DOWN:
            _log.info("upstream %s answers again", self.name)
        return after is State.UP


class _Answer:
    """Waits for the one message that answers."""

    def __init__(self, future: asyncio.Future[bytes]) -> None:
        self.future = future

    def take(self, message: bytes) -> None:
        if not self.future.done():
            self.future.set_result(message)

    def fail(self, error: UpstreamError) -> None:
        if not self.future.done():
            self.future.set_exception(error)
