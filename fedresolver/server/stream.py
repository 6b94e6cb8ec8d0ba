"""One client's connection as octets, over TLS too: what was read is taken, what is written is sent when it can be.

It stands on the bare socket, watched by the epoll of its listener, for most clients ask one question and go: a
transport of asyncio would cost more than the answer, and over TLS it would hold 256 KiB. What the octets mean is the
matter of those who stand on it.
"""

import select
import socket
import ssl
from abc import ABC, abstractmethod
from typing import Any, Protocol

from fedresolver.chain.handler import Client
from fedresolver.server.handshakes import Opened
from fedresolver.server.hot import Hot
from fedresolver.server.resolve import Resolver
from fedresolver.server.seal import Seal
from fedresolver.server.table import Table
from fedresolver.wire.query import Edns
from fedresolver.wire.response import TCP_SIZE

READ, SEND = select.EPOLLIN, select.EPOLLOUT
UNWATCHED = -1
"""The events of a connection that no epoll knows yet."""
_READ, _READ_SEALED = 1 << 16, 1 << 11
"""How many octets are read at once; over TLS fewer, for 27 of them ask for other keys (RFC 8446 4.6.3), which costs as
much as an answer."""
_SMALL = 4096
"""How many octets may always be held for a client: hardly a question has more, and few answers."""
_GONE = select.EPOLLHUP | select.EPOLLERR


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

    def handshake(self, connection: "Stream", seal: Seal, octets: bytes) -> None:
        """Have a handshake go on with what the client sent, and then `connection.on_opened` called."""

    def watch(self, number: int, former: int, events: int) -> None:
        """Tell the connection with this descriptor of other `events` than before, 0 for none but its end."""

    def hold(self, octets: int) -> bool:
        """Take note that so many more octets are held for a client, or less; False when they are too many in all."""

    def busy(self, number: int) -> float:
        """Take note that a connection is in use, and return until when it may be idle, in seconds of the clock."""

    def queue(self, connection: "Stream") -> None:
        """Have `connection.work` called when it is its turn."""

    def dismiss(self, connection: "Stream") -> None:
        """Forget a connection that has ended."""


class Stream(ABC):
    """A client's connection; `deadline` is when it must have asked, or taken its answers."""

    __slots__ = (
        "_client",
        "_ended",
        "_events",
        "_held",
        "_house",
        "_is_opening",
        "_out",
        "_queued",
        "_seal",
        "_sock",
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
        self._is_opening = False  # in a thread: the seal must be left alone, and nothing read
        self._client: Client | None = None
        self._events = UNWATCHED
        self._out = b""
        self._held = 0
        self._queued = False
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

    @property
    @abstractmethod
    def transport(self) -> str:
        """How clients are told that they ask."""

    def limit(self, edns: Edns | None, udp_size: int = 0) -> int:
        """Return how many octets a response may have."""
        return TCP_SIZE

    def client(self, peer: object = None) -> Client:
        """Return who asks."""
        if self._client is None:
            local = self._sock.getsockname()
            self._client = Client(self.peer[0], self.peer[1], self.transport, local[0], local[1])
        return self._client

    @property
    def is_half_open(self) -> bool:
        """Whether a handshake of TLS has begun that has not come to a good end."""
        return self._seal is not None and not self._seal.is_open

    # what is done with the octets

    @property
    @abstractmethod
    def is_idle(self) -> bool:
        """Whether nothing is being worked out for it, and nothing is on the way to it."""

    @abstractmethod
    def work(self) -> None:
        """Go on with what there is to be done, for as long as others can wait."""

    def _queue(self) -> None:
        """Have it go on when others have had their turn."""
        if not self._queued:
            self._queued = True
            self._house.queue(self)

    @abstractmethod
    def _take(self, octets: bytes) -> None:
        """Work on what was read."""

    @abstractmethod
    def _go_on(self) -> None:
        """Read on, wait, or end: whatever is due."""

    @abstractmethod
    def _on_sent(self) -> None:
        """Go on when the client has taken all that was written."""

    @abstractmethod
    def _forget(self) -> None:
        """Work on nothing any more: the connection has ended."""

    # what the listener tells

    def start(self) -> None:
        """Answer what has come already, or wait for it."""
        self._receive()
        self._go_on()

    def on_ready(self, events: int) -> None:
        """Go on with a socket that has something to read, or room for something to be sent."""
        if events & SEND and self._out:
            self._flush()
        if self._events & READ:
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
        if not self._is_opening:  # a handshake may be followed by a question that has been read
            self._go_on()

    def drop(self) -> None:
        """End the connection now, and forget what is still being worked out for it."""
        if self.number < 0:
            return
        self._events = 0
        self._out = b""
        self._house.hold(-self._held)
        self._house.dismiss(self)
        self.number = -1
        self._sock.close()
        self._forget()

    def end(self) -> None:
        """End the connection; over TLS the client is told so, if it listens."""
        if self._seal is not None and not self._out and not self._is_opening:
            self._seal.end()
            self._send(self._seal.outgoing)
        self.drop()

    # reading

    def _receive(self) -> None:
        try:
            octets = self._sock.recv(_READ_SEALED if self.encrypted else _READ)
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
        if not seal.is_open:
            self._is_opening = True
            self._house.handshake(self, seal, octets)
            self._go_on()
            return
        try:
            found: Opened = seal.opened(octets)
        except ssl.SSLError as error:
            found = error
        self._take_opened(seal, found)

    def on_opened(self, found: Opened) -> None:
        """Go on when a step of the handshake has been taken."""
        self._is_opening = False
        if self._seal is not None and self.number >= 0:
            self._take_opened(self._seal, found)
            self._go_on()

    def _take_opened(self, seal: Seal, found: Opened) -> None:
        """Work on what the client has said; where it is no TLS, end with an alert that says so."""
        self._send(seal.outgoing)
        if isinstance(found, ssl.SSLError):
            self.drop()
            return
        if isinstance(found, Exception):
            raise found
        if found and self.number >= 0:
            self._take(found)
        if seal.is_ended:
            self.finish()

    def _is_held(self, kept: int) -> bool:
        """Say whether it may hold so many octets that it was sent, and those to be taken; if not, it ends."""
        more = kept + len(self._out) - self._held
        self._held += more
        if more and not self._house.hold(more) and self._held > _SMALL:
            self.drop()
            return False
        return True

    def _watch(self, events: int) -> None:
        if self._is_opening:
            events &= ~READ
        if events != self._events:
            self._house.watch(self.number, self._events, events)
            self._events = events

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
            self._on_sent()
