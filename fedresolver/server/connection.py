"""One client's connection: the messages that it reads are answered as they come (RFC 7766), over TLS too (RFC 7858).

It stands on the bare socket, watched by the epoll of its listener, for most clients ask one question and go: a
transport of asyncio would cost more than the answer, and over TLS it would hold 256 KiB.

All the whole messages that were read are answered with one write. Who sends many queries at once is answered a burst at
a time, in turn with others, and is read again when those are worked off; who does not take the answers is neither read
nor answered.
"""

import asyncio
import logging
import select
import socket
import ssl
from typing import Any, Protocol

from fedresolver.chain.handler import Client
from fedresolver.server.hot import Hot
from fedresolver.server.resolve import Messages, Pending, Resolver
from fedresolver.server.seal import Seal
from fedresolver.server.table import Table
from fedresolver.wire.framing import LENGTH, message_end
from fedresolver.wire.keepalive import keepalive
from fedresolver.wire.query import Edns, Query
from fedresolver.wire.response import TCP_SIZE

_MOST_WAITING = 128
_BURST = 256
"""How many messages of a connection are answered before others have their turn."""
_MOST_AT_ONCE = 256 * 1024
"""How many octets of answers may be made before it is seen whether the client takes them."""
_READ = 1 << 16
_SMALL = 4096
"""How many octets may always be held for a client: hardly a question has more, and few answers."""
_IN, _OUT = select.EPOLLIN, select.EPOLLOUT
_GONE = select.EPOLLHUP | select.EPOLLERR
UNWATCHED = -1
"""The events of a connection that no epoll knows yet."""
log = logging.getLogger("fedresolver.server")


class House(Protocol):
    """The listener, as far as its connections know it."""

    resolver: Resolver

    @property
    def encrypted(self) -> bool:
        """Whether its clients speak TLS."""

    @property
    def hot(self) -> Table[Hot]:
        """What is answered at a glance, as things stand."""

    @property
    def patience(self) -> float:
        """How long a connection may be idle, in seconds, as far as clients are told; 0 when there are too many."""

    def seal(self) -> Seal:
        """Return TLS for a client that has begun to speak it."""

    def watch(self, number: int, former: int, events: int) -> None:
        """Tell the connection with this descriptor of other `events` than before, 0 for none but its end."""

    def hold(self, octets: int) -> bool:
        """Take note that so many more octets are held for a client, or less; False when they are too many in all."""

    def busy(self, number: int) -> float:
        """Take note that a connection is in use, and return until when it may be idle, in seconds of the clock."""

    def dismiss(self, connection: "Connection") -> None:
        """Forget a connection that has ended."""


class Connection:
    """A client's connection; `deadline` is when the next message must be whole, or its answers taken."""

    __slots__ = (
        "_buffer",
        "_client",
        "_ended",
        "_events",
        "_held",
        "_house",
        "_out",
        "_seal",
        "_sending",
        "_sock",
        "_transfers",
        "_turn",
        "_waiting",
        "deadline",
        "number",
        "peer",
    )

    def __init__(self, house: House, sock: socket.socket, peer: tuple[Any, ...], deadline: float) -> None:
        self.number = sock.fileno()
        self.peer = peer
        self.deadline = deadline
        self._house = house
        self._sock = sock
        self._seal: Seal | None = None
        self._client: Client | None = None
        self._events = UNWATCHED
        self._buffer = b""
        self._out = b""
        self._held = 0
        self._waiting: set[Pending] = set()
        self._transfers: list[Messages] = []
        self._turn: asyncio.Handle | None = None
        self._sending: asyncio.Handle | None = None
        self._ended = False

    # how answers are made for it (server.resolve.Way)

    @property
    def hot(self) -> Table[Hot]:
        """What is answered at a glance."""
        return self._house.hot

    @property
    def encrypted(self) -> bool:
        """Whether nobody else can read what is sent."""
        return self._house.encrypted

    def limit(self, edns: Edns | None, udp_size: int = 0) -> int:
        """Return how many octets a response may have."""
        return TCP_SIZE

    def client(self, peer: object = None) -> Client:
        """Return who asks."""
        if self._client is None:
            local = self._sock.getsockname()
            transport = "tls" if self.encrypted else "tcp"
            self._client = Client(self.peer[0], self.peer[1], transport, local[0], local[1])
        return self._client

    def options(self, query: Query) -> bytes:
        """Return the EDNS options that go with a response on this connection."""
        return keepalive(query, self._house.patience)

    # what the listener tells

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being worked out for it, and nothing is on the way to it."""
        return not (self._waiting or self._transfers or self._out or self._turn)

    def start(self) -> None:
        """Answer what has come already, or wait for it."""
        self._receive()
        self._go_on()

    def on_ready(self, events: int) -> None:
        """Go on with a socket that has something to read, or room for something to be sent."""
        if events & _OUT and self._out:
            self._flush()
        if self._events & _IN:
            self._receive()
        elif events & _GONE:
            self.drop()

    def check(self, now: float) -> None:
        """End the connection when its deadline has passed and nothing is being worked out for it."""
        if now >= self.deadline and (self._out or self.is_idle):
            self.end()

    def finish(self) -> None:
        """Read no more, and end the connection when all that was asked is answered."""
        self._ended = True
        self._go_on()

    def drop(self) -> None:
        """End the connection now, and forget what is still being worked out for it."""
        if self.number < 0:
            return
        self._events = 0
        for handle in (self._turn, self._sending):
            if handle is not None:
                handle.cancel()
        self._turn = self._sending = None
        self._transfers.clear()
        self._buffer = self._out = b""
        self._house.hold(-self._held)
        self._house.dismiss(self)
        self.number = -1
        self._sock.close()
        while self._waiting:
            self._waiting.pop().cancel()

    def end(self) -> None:
        """End the connection; over TLS the client is told so, if it listens."""
        if self._seal is not None and not self._out:
            self._seal.end()
            self._send(self._seal.outgoing)
        self.drop()

    # reading

    def _receive(self) -> None:
        try:
            octets = self._sock.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            self.drop()
            return
        if not octets:
            self.finish()
        elif self.encrypted:
            self._unseal(octets)
        else:
            self._take(octets)

    def _unseal(self, octets: bytes) -> None:
        seal = self._seal
        if seal is None:
            seal = self._seal = self._house.seal()
        try:
            found = seal.opened(octets)
        except ssl.SSLError:
            self._send(seal.outgoing)  # what is wrong, as an alert
            self.drop()
            return
        self._send(seal.outgoing)
        if found and self.number >= 0:
            self._take(found)
        if seal.is_ended:
            self.finish()

    def _take(self, octets: bytes) -> None:
        """Answer the messages that are whole now."""
        self._buffer = self._buffer + octets if self._buffer else octets
        if self._turn is None:
            self._work()

    def _work(self) -> None:
        """Answer a burst of messages with one write."""
        self._turn = None
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
        if position:
            self._buffer = self._buffer[position:]
            self.deadline = self._house.busy(self.number)
        if answers:
            self._write(b"".join(answers))
        self._go_on()

    def _go_on(self) -> None:
        """Read on, answer what is in the buffer in the next turn of the loop, wait, or end: whatever is due."""
        if self.number < 0 or not self._is_held():
            return
        reads = False
        if not self._out and not self._is_loaded:
            if message_end(self._buffer, 0):
                self._turn = self._turn or asyncio.get_running_loop().call_soon(self._work)
            elif not self._ended:
                reads = True
            elif self.is_idle:
                self.end()
                return
        self._watch((_IN if reads else 0) | (_OUT if self._out else 0))

    def _is_held(self) -> bool:
        """Say whether what is kept for the client may be, of what it has sent and of what it has yet to take."""
        more = len(self._buffer) + len(self._out) - self._held
        self._held += more
        if more and not self._house.hold(more) and self._held > _SMALL:
            self.drop()
            return False
        return True

    def _watch(self, events: int) -> None:
        if events != self._events:
            self._house.watch(self.number, self._events, events)
            self._events = events

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
            self._transfer_soon()
        return None

    def _write_later(self, pending: Pending, answer: bytes | Messages | None) -> None:
        self._waiting.discard(pending)
        if isinstance(answer, bytes):
            self._write(len(answer).to_bytes(2) + answer)
        elif answer is not None:
            self._transfers.append(answer)
            self._transfer_soon()
        self._answered()

    def _answered(self) -> None:
        if self.number >= 0:
            self.deadline = self._house.busy(self.number)
            self._go_on()

    def _transfer_soon(self) -> None:
        """Send the next message of a transfer when others have had their turn, and the client takes it."""
        if self._transfers and self._sending is None and not self._out:
            self._sending = asyncio.get_running_loop().call_soon(self._transfer)

    def _transfer(self) -> None:
        self._sending = None
        try:
            message = next(self._transfers[0], None)
        except Exception as error:
            log.error("an exception ends a transfer: %s: %s", type(error).__name__, error)
            self.drop()
            return
        if message is None:
            self._transfers.pop(0)
        else:
            self._write(len(message).to_bytes(2) + message)
        self._answered()
        self._transfer_soon()

    # writing

    def _write(self, octets: bytes) -> None:
        if self.number < 0:
            return
        if self._seal is not None:
            self._seal.sealed(octets)
            octets = self._seal.outgoing
        self._send(octets)

    def _send(self, octets: bytes) -> None:
        """Send what the client takes now, the rest when it can; there is one that cannot be reached any more."""
        if self._out:
            self._out += octets
            return
        if not octets:
            return
        try:
            sent = self._sock.send(octets)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.drop()
            return
        if sent < len(octets):
            self._out = octets[sent:]

    def _flush(self) -> None:
        octets, self._out = self._out, b""
        self._send(octets)
        if not self._out:
            self._answered()
            self._transfer_soon()
