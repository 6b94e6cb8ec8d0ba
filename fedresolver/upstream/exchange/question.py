"""A message on its way to an upstream and back, and whether a reply belongs to it."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from fedresolver.upstream.failure import Cause, UpstreamError
from fedresolver.wire.name import starts
from fedresolver.wire.query import HEADER
from fedresolver.wire.received import is_same_question

if TYPE_CHECKING:
    from fedresolver.upstream.exchange.connection import Connection

_QR = 0x80
_NONE, _ONE = b"\0\0", b"\0\1"
_ROOT_AND_TAIL = 5  # octets of the root, type and class


class Question:
    """A message that wants a reply until `deadline`, in seconds of the loop's clock; then `expired` is called.

    `connection` is where it is in flight, `answered` how many answers had come there when it was asked, `again` whether
    it is asked for the second time. Who asked may be gone: then `reply` is cancelled, and the question goes its way
    nevertheless, so that the connection knows its answer when it comes.
    """

    __slots__ = ("again", "answered", "connection", "deadline", "message", "reply", "timer")

    def __init__(self, message: bytes, deadline: float, expired: Callable[["Question"], None]) -> None:
        loop = asyncio.get_running_loop()
        self.message = message
        self.deadline = deadline
        self.reply: asyncio.Future[bytes] = loop.create_future()
        self.timer = loop.call_at(deadline, expired, self)
        self.connection: Connection | None = None
        self.answered = 0
        self.again = False

    def answer(self, reply: bytes) -> None:
        """End with the upstream's reply, under the ID of the message."""
        self.timer.cancel()
        if not self.reply.done():
            self.reply.set_result(self.message[:2] + reply[2:])

    def fail(self, cause: Cause, text: str) -> None:
        """End without a reply."""
        self.timer.cancel()
        if not self.reply.done():
            self.reply.set_exception(UpstreamError(cause, text))


def belongs(reply: bytes, message: bytes) -> bool:
    """Say whether `reply` is a response, and its question that of `message`, if it has one (RFC 7766 7).

    IDs are not looked at, nor is the letter case of the name. `message` has one question, and is sound.
    """
    if len(reply) < HEADER or reply[2] < _QR:
        return False
    if reply[4:6] == _NONE:  # as servers do that could not read the message, and say FORMERR
        return True
    section = slice(HEADER, HEADER + starts(message[HEADER:])[-1] + _ROOT_AND_TAIL)
    return reply[4:6] == _ONE and is_same_question(reply[section], message[section])
