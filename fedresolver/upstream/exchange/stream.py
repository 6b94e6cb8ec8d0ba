"""Questions over TCP and TLS to one upstream, on connections that are kept open and shared (RFC 7766 6.2).

A question goes to the first connection with room, so that few are used. It is asked at most twice: once more, on a
fresh connection, where the upstream ended the first one before it answered (RFC 7766 6.2.4), or where the first one
could not be trusted any more because of another's answer. Its time-out counts from the beginning, for all that happens.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable

from fedresolver.upstream.exchange.connection import Connection
from fedresolver.upstream.exchange.question import Question
from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.upstream.target import Target

MOST_CONNECTIONS = 8
MOST_WAITING = 512
"""How many questions wait for room when all the connections are full."""
_SOONEST = 0.05  # seconds between two looks for idle connections


class StreamPool:
    """Connections to `target`, over TLS if there is a `context`, opened when they are needed.

    One that is idle for `expire` seconds of `clock` is closed.
    """

    def __init__(
        self, target: Target, context: ssl.SSLContext | None, clock: Callable[[], float], expire: float = 10.0
    ) -> None:
        self._target = target
        self._context = context
        self._clock = clock
        self._expire = expire
        self._connections: list[Connection] = []
        self._left: set[Connection] = set()
        self._waiting: dict[Question, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._empty = asyncio.Event()

    @property
    def connections(self) -> int:
        """How many connections are open, or about to be."""
        return len(self._connections)

    async def ask(self, message: bytes, seconds: float) -> bytes:
        """Return the reply to `message`, which has one question; UpstreamError when there is none in `seconds`.

        On the wire the message has an ID of its own, and its reply gets back that of `message`.
        """
        if self._closed:
            raise UpstreamError(Cause.CLOSED, f"{self._target}: no longer in use")
        question = Question(message, asyncio.get_running_loop().time() + seconds, self._expired)
        self._place(question)
        return await question.reply

    async def close(self) -> None:
        """End all connections and fail all that is asked; nothing is left when it returns."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for question in self._waiting:
            question.fail(Cause.CLOSED, f"{self._target}: no longer in use")
        self._waiting.clear()
        for connection in tuple(self._connections):
            connection.end(Cause.CLOSED, "no longer in use")
        for connection in self._left:
            connection.abort()
        while self._left:
            self._empty.clear()
            await self._empty.wait()

    def freed(self) -> None:
        """Send what waits for room."""
        while self._waiting and (connection := self._with_room(next(iter(self._waiting)).deadline)) is not None:
            question = next(iter(self._waiting))
            del self._waiting[question]
            connection.ask(question)

    def ended(self, connection: Connection, left: Iterable[Question], cause: Cause, text: str, *, again: bool) -> None:
        """Ask on a fresh connection what another has left, or tell that there is no answer."""
        self._connections.remove(connection)
        self._left.add(connection)
        once_more = []
        for question in left:
            question.connection = None
            if again and not (question.again or question.reply.done() or self._closed):
                question.again = True
                once_more.append(question)
            else:
                question.fail(cause, text)
        if once_more:
            fresh = self._open(max(question.deadline for question in once_more))
            for question in once_more:
                fresh.ask(question)
        self.freed()

    def gone(self, connection: Connection) -> None:
        """Forget a connection."""
        self._left.discard(connection)
        if not self._left:
            self._empty.set()

    def _place(self, question: Question) -> None:
        """Send a question, or let it wait."""
        connection = self._with_room(question.deadline)
        if connection is not None:
            connection.ask(question)
        elif len(self._waiting) < MOST_WAITING:
            self._waiting[question] = None
        else:
            question.fail(Cause.BUSY, f"{self._target}: more questions wait than it has room for")

    def _with_room(self, deadline: float) -> Connection | None:
        """Return a connection that takes a question, perhaps one that opens until `deadline`; None if all are full."""
        for connection in self._connections:
            if connection.has_room:
                return connection
        return self._open(deadline) if len(self._connections) < MOST_CONNECTIONS else None

    def _open(self, deadline: float) -> Connection:
        connection = Connection(self._target, self._context, self, self._clock, deadline)
        self._connections.append(connection)
        self._watch()
        return connection

    def _expired(self, question: Question) -> None:
        """Give up a question whose time is over."""
        question.fail(Cause.TIMEOUT, f"{self._target}: no answer in time")
        self._waiting.pop(question, None)
        if question.connection is not None:
            question.connection.give_up(question)

    def _watch(self) -> None:
        """See to it that somebody looks when the next connection may have been idle for long enough."""
        if self._timer is None and self._connections and not self._closed:
            now = self._clock()
            due = min(0 if one.live else one.quiet_since - now for one in self._connections) + self._expire
            self._timer = asyncio.get_running_loop().call_later(max(due, _SOONEST), self._sweep)

    def _sweep(self) -> None:
        self._timer = None
        now = self._clock()
        for connection in tuple(self._connections):
            if not connection.live and now - connection.quiet_since >= self._expire:
                connection.end(Cause.CLOSED, "idle", goodbye=True)
        self._watch()
