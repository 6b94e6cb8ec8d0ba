"""One connection to an upstream: many questions in flight, answers in any order (RFC 7766 6.2.1.1).

A byte stream that has once brought what does not belong cannot be trusted any more, and one that has brought nothing
for as long as a question waits is taken for dead: it is asked nothing more. One that answers others meanwhile is only
slow with this question, whose late answer is dropped. Whatever the upstream sends, no more is held of it than one
message and one read.
"""

import asyncio
import os
import ssl
from asyncio import sslproto
from collections.abc import Callable, Iterable
from typing import Protocol

from fedresolver.upstream.exchange.question import Question, belongs
from fedresolver.upstream.failure import Cause, cause_of, words
from fedresolver.upstream.target import Target
from fedresolver.wire.framing import LENGTH, message_end

MOST_IN_FLIGHT = 64
"""How many questions a connection carries at once; one that was given up counts until its answer comes."""
_MOST_GIVEN_UP = MOST_IN_FLIGHT // 2
_TLS_BUFFER = 16 << 10
"""Octets that asyncio sets aside for a TLS connection: a record's (RFC 8446 5.1). By itself it takes 256 KiB, and there
is no other way to say it.
"""
_GOODBYE = 1.0
"""Seconds that an upstream has to end an idle TLS connection together with us."""
_ID = 2
_CLOSED = "it closed the connection"


class Owner(Protocol):
    """Who has connections, and is told what becomes of them."""

    def freed(self) -> None:
        """Take note that a connection may have room for another question."""

    def ended(
        self, connection: "Connection", left: Iterable[Question], cause: Cause, text: str, *, again: bool
    ) -> None:
        """Take back a connection that is of no use any more, and the questions that it leaves.

        `again` is whether another connection may do better.
        """

    def gone(self, connection: "Connection") -> None:
        """Forget a connection that has ended, and of which nothing is left now."""


class Connection(asyncio.Protocol):
    """A connection that begins to open when it is made, and ends once.

    `live` is how many questions wait for their answers; `quiet_since` is when there was one last, in seconds of the
    clock.
    """

    def __init__(
        self,
        target: Target,
        context: ssl.SSLContext | None,
        owner: Owner,
        clock: Callable[[], float],
        deadline: float,
    ) -> None:
        self.live = 0
        self.quiet_since = clock()
        self._target = target
        self._owner = owner
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._asked: dict[bytes, Question] = {}
        self._answered = 0
        self._out: list[bytes] = []
        self._buffer = b""
        self._retired = False
        self._ended = False
        self._transport: asyncio.Transport | None = None
        self._opening = self._loop.create_task(self._open(context, deadline))
        self._opening.add_done_callback(self._opened)

    @property
    def has_room(self) -> bool:
        """Whether it takes another question."""
        return len(self._asked) < MOST_IN_FLIGHT and not self._retired

    def ask(self, question: Question) -> None:
        """Ask under an ID that is used once on this connection; what is asked in one turn of the loop goes together."""
        number = os.urandom(_ID)
        while number in self._asked:
            number = os.urandom(_ID)
        self._asked[number] = question
        self.live += 1
        question.connection = self
        question.answered = self._answered
        if not self._out and self._transport is not None:
            self._loop.call_soon(self._flush)
        self._out += (len(question.message).to_bytes(LENGTH), number, question.message[_ID:])

    def give_up(self, question: Question) -> None:
        """Wait for a question no longer; its ID is not used again before its answer has come."""
        self._settle(question)
        dead = question.answered == self._answered
        self._retired = self._retired or dead or len(self._asked) - self.live >= _MOST_GIVEN_UP
        self._rest()

    def end(self, cause: Cause, text: str, *, goodbye: bool = False) -> None:
        """End, at once or with TLS's goodbye, and give back what is not answered; only the first call counts."""
        if self._ended:
            return
        self._ended = True
        again = self._transport is not None or cause is Cause.TIMEOUT
        if self._transport is None:
            self._opening.cancel()
        elif goodbye:
            self._transport.close()
        else:
            self._transport.abort()
        left = tuple(self._asked.values())
        self._asked.clear()
        self._out.clear()
        self._buffer = b""
        self._owner.ended(self, left, cause, f"{self._target}: {text}", again=again)

    def abort(self) -> None:
        """Cut short the goodbye of a connection that has ended."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send what has waited for the connection."""
        self._transport = transport  # type: ignore[assignment]  # a TCP connection's transport can be written to
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """End, if it was not us who did it."""
        if isinstance(exc, OSError):
            self.end(cause_of(exc), words(exc))
        self.end(Cause.CLOSED, _CLOSED)
        self._owner.gone(self)

    def data_received(self, data: bytes) -> None:
        """Hand out the answers that are whole now."""
        if self._buffer:
            data = self._buffer + data
        position = 0
        while not self._ended and (end := message_end(data, position)):
            self._take(data[position + LENGTH : end])
            position = end
        if not self._ended:
            self._buffer = data[position:]
            self._rest()

    async def _open(self, context: ssl.SSLContext | None, deadline: float) -> OSError | None:
        """Return why there is no connection, or None when there is one."""
        if context is not None:
            sslproto.SSLProtocol.max_size = _TLS_BUFFER
        name = self._target.server_name or self._target.host.partition("%")[0]
        try:
            async with asyncio.timeout_at(deadline):
                await self._loop.create_connection(
                    lambda: self,
                    self._target.host,
                    self._target.port,
                    ssl=context,
                    server_hostname=None if context is None else name,
                    ssl_shutdown_timeout=None if context is None else _GOODBYE,
                )
        except OSError as error:
            return error
        return None

    def _opened(self, opening: asyncio.Task[OSError | None]) -> None:
        error = None if opening.cancelled() else opening.result()
        if error is not None:
            self.end(cause_of(error), words(error))
        if self._transport is None:
            self.end(Cause.CLOSED, _CLOSED)
            self._owner.gone(self)

    def _take(self, reply: bytes) -> None:
        question = self._asked.pop(reply[:_ID], None)
        if question is None:
            self.end(Cause.GARBAGE, "it sent what answers no question")
            return
        self._settle(question)
        if belongs(reply, question.message):
            self._answered += 1
            question.answer(reply)
        else:
            text = "it answered another question than the one it was asked"
            question.fail(Cause.GARBAGE, f"{self._target}: {text}")
            self.end(Cause.GARBAGE, text)

    def _settle(self, question: Question) -> None:
        if question.connection is self:
            question.connection = None
            self.live -= 1

    def _rest(self) -> None:
        """See what follows from there being fewer questions in flight than before."""
        if not self.live:
            self.quiet_since = self._clock()
            if self._retired:
                self.end(Cause.CLOSED, "it gave no answer")
                return
        self._owner.freed()

    def _flush(self) -> None:
        if self._out and self._transport is not None:
            self._transport.write(b"".join(self._out))
            self._out.clear()
