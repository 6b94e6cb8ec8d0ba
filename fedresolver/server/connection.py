"""One client's connection: the messages that it reads are answered as they come (RFC 7766), over TLS too (RFC 7858).

All the whole messages that were read are answered with one write. Who sends many queries at once is answered a burst at
a time, in turn with others, and is read again when those are worked off; who does not take the answers is neither read
nor answered.
"""

import logging
import socket
from typing import Any

from fedresolver.server.asked import Messages
from fedresolver.server.hot import Hot
from fedresolver.server.pending import Pending
from fedresolver.server.stream import READ, SEND, House, Stream
from fedresolver.server.table import Table
from fedresolver.wire.framing import LENGTH, message_end
from fedresolver.wire.keepalive import keepalive
from fedresolver.wire.query import Query

_MOST_WAITING = 128
_BURST = 64
"""How many messages of a connection are answered before others have their turn."""
_MOST_AT_ONCE = 256 * 1024
"""How many octets of answers may be made before it is seen whether the client takes them."""
log = logging.getLogger("fedresolver.server")


class Connection(Stream):
    """A client's connection; `deadline` is when the next message must be whole, or its answers taken."""

    __slots__ = ("_buffer", "_transfers", "_waiting")

    def __init__(self, house: House, sock: socket.socket, peer: tuple[Any, ...], deadline: float) -> None:
        super().__init__(house, sock, peer, deadline)
        self._buffer = b""
        self._waiting: set[Pending] = set()
        self._transfers: list[Messages] = []

    @property
    def transport(self) -> str:
        """How clients are told that they ask."""
        return "tls" if self.encrypted else "tcp"

    def options(self, query: Query) -> bytes:
        """Return the EDNS options that go with a response on this connection."""
        return keepalive(query, self._house.patience)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being worked out for it, and nothing is on the way to it."""
        return not (self._waiting or self._transfers or self._out or self._queued)

    def _forget(self) -> None:
        self._transfers.clear()
        self._buffer = b""
        while self._waiting:
            self._waiting.pop().cancel()

    def _take(self, octets: bytes) -> None:
        """Answer the messages that are whole now."""
        self._buffer = self._buffer + octets if self._buffer else octets
        self._answer_some()

    def work(self) -> None:
        """Send the next message of a transfer, and answer a burst of messages."""
        self._queued = False
        if self._transfers and not self._out:
            self._transfer()
        if self.number >= 0 and not self._out:
            self._answer_some()
        else:
            self._go_on()

    def _answer_some(self) -> None:
        """Answer a burst of messages with one write."""
        answers: list[bytes] = []
        position = octets = 0
        table = self._house.hot
        for _ in range(_BURST):
            end = message_end(self._buffer, position)
            if not end or octets > _MOST_AT_ONCE or self._is_loaded:
                break
            answer = self._answer(self._buffer[position + LENGTH : end], table)
            if answer is not None:
                answers += (len(answer).to_bytes(2), answer)
                octets += len(answer)
            position = end
        if self.number < 0:
            return
        if position:
            self._buffer = self._buffer[position:]
            self.deadline = self._house.busy(self.number)
        if answers:
            self._write(b"".join(answers))
        self._go_on()

    def _go_on(self) -> None:
        """Read on, go on with the rest when others had their turn, wait, or end: whatever is due."""
        if self.number < 0 or not self._is_held(len(self._buffer)):
            return
        reads = False
        if self._transfers and not self._out:
            self._queue()
        if not self._out and not self._is_loaded:
            if message_end(self._buffer, 0):
                self._queue()
            elif not self._ended:
                reads = True
            elif self.is_idle:
                self.end()
                return
        self._watch((READ if reads else 0) | (SEND if self._out else 0))

    def _on_sent(self) -> None:
        self._answered()

    # answering

    @property
    def _is_loaded(self) -> bool:
        """Whether as much is being worked out for it as may be."""
        return len(self._waiting) + len(self._transfers) >= _MOST_WAITING

    def _answer(self, message: bytes, table: Table[Hot]) -> bytes | None:
        """Return the answer to a message; None when it deserves none, or gets it later."""
        hot = table.get(message[2:])
        if hot is None:
            answer = self._house.resolver.resolve(message, self, None)
        elif hot.cell[0]:
            return hot.again(message)
        else:
            answer = self._house.resolver.again(message, hot, self, None)
        if answer is None or isinstance(answer, bytes):
            return answer
        if isinstance(answer, Pending):
            self._waiting.add(answer)
            answer.start(self._write_later)
        else:
            self._transfers.append(answer)
        return None

    def _write_later(self, pending: Pending, answer: bytes | Messages | None) -> None:
        self._waiting.discard(pending)
        if isinstance(answer, bytes):
            self._write(len(answer).to_bytes(2) + answer)
        elif answer is not None:
            self._transfers.append(answer)
        self._answered()

    def _answered(self) -> None:
        if self.number >= 0:
            self.deadline = self._house.busy(self.number)
            self._go_on()

    def _transfer(self) -> None:
        """Send the next message of a transfer."""
        try:
            message = next(self._transfers[0], None)
        except Exception:  # told where the messages are made; what was sent must not be taken for all
            self.drop()
            return
        if message is None:
            self._transfers.pop(0)
        else:
            self.deadline = self._house.busy(self.number)
            self._write(len(message).to_bytes(2) + message)
