"""One client's connection over which HTTP is spoken, and DNS messages over that."""

import logging
import socket
from typing import Any, Protocol

from fedresolver.server.asked import Messages
from fedresolver.server.https.frames import PREFACE
from fedresolver.server.https.http1 import Http1
from fedresolver.server.https.http2 import Http2
from fedresolver.server.https.talk import Talk
from fedresolver.server.pending import Pending
from fedresolver.server.stream import READ, SEND, House, Stream
from fedresolver.wire.query import Query

log = logging.getLogger("fedresolver.server")


class HttpHouse(House, Protocol):
    """The listener, as far as its connections know it."""

    @property
    def path(self) -> str:
        """The path of the resource that answers queries."""

    @property
    def streams(self) -> int:
        """How many requests a connection may have under way at once."""

    @property
    def date(self) -> bytes:
        """The time as HTTP writes it."""

    def now(self) -> float:
        """Return the time in seconds of the monotonic clock."""

    def count(self, status: int) -> None:
        """Count a response."""


class HttpConnection(Stream):
    """A client's connection (server.https.talk.Line). What is spoken is known when its first octets are there."""

    __slots__ = ("_closing", "_first", "_http", "_talk")

    def __init__(self, house: HttpHouse, sock: socket.socket, peer: tuple[Any, ...], deadline: float) -> None:
        super().__init__(house, sock, peer, deadline)
        self._http = house
        self._talk: Talk | None = None
        self._first = b""
        self._closing = False

    # how answers are made for it (server.resolve.Way)

    @property
    def transport(self) -> str:
        """How clients are told that they ask."""
        return "https"

    def options(self, query: Query) -> bytes:
        """Return no EDNS option: how long a connection may be idle is not for DNS to say here (RFC 7828 3)."""
        return b""

    # what is spoken on it (server.https.talk.Line)

    @property
    def path(self) -> str:
        """The path of the resource that answers queries."""
        return self._http.path

    @property
    def date(self) -> bytes:
        """The time as HTTP writes it."""
        return self._http.date

    def now(self) -> float:
        """Return the time in seconds of the monotonic clock."""
        return self._http.now()

    def count(self, status: int) -> None:
        """Count a response; the connection is in use."""
        self._postpone()
        self._http.count(status)

    def ask(self, message: bytes) -> bytes | Messages | Pending | None:
        """Return the answer to a DNS message, or what will give it."""
        self._postpone()
        hot = self._http.hot.get(message[2:])
        if hot is None:
            return self._http.resolver.resolve(message, self, None)
        return hot.again(message) if hot.cell[0] else self._http.resolver.again(message, hot, self, None)

    def write(self, octets: bytes) -> None:
        """Send something."""
        self._write(octets)

    def close(self) -> None:
        """End the connection when what was written is sent."""
        self._closing = True

    def go_on(self) -> None:
        """See what is to be done next."""
        self._go_on()

    # what the listener tells

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being worked out for it, and nothing is on the way to it."""
        return not (self._out or self._queued or (self._talk is not None and self._talk.is_owed))

    def check(self, now: float) -> None:
        """End what has taken too long: a request, an answer that is not taken, idleness."""
        if self._talk is not None and not self._out:
            self._talk.check(now)
            if self._closing:
                self._go_on()
        super().check(now)

    def end(self) -> None:
        """End the connection; the client is told so, if it listens."""
        if self._talk is not None and not self._out and not self._closing:
            self._talk.say_goodbye()
        super().end()

    # what is done with the octets

    def _postpone(self) -> None:
        if self.number >= 0:
            self.deadline = self._http.busy(self.number)

    def _take(self, octets: bytes) -> None:
        """Work on what was read."""
        if self._talk is None:
            octets = self._first = self._first + octets
            self._talk = self._chosen(octets)
            if self._talk is None:
                return
            self._first = b""
        self._talk.feed(octets)
        if not self._queued:
            self.work()

    def _chosen(self, first: bytes) -> Talk | None:
        """Return what the client speaks, by ALPN or by its first octets; None while they do not tell."""
        protocol = None if self._seal is None else self._seal.protocol
        if protocol == "h2" or (protocol is None and first.startswith(PREFACE)):
            return Http2(self, self._http.streams)
        if protocol is None and PREFACE.startswith(first):
            return None
        return Http1(self)

    def work(self) -> None:
        """Answer a burst of what was read."""
        self._queued = False
        talk = self._talk
        if talk is None or self.number < 0:
            return
        try:
            talk.work()
        except Exception as error:
            log.error("an exception ends a connection: %s: %s", type(error).__name__, error)
            self.drop()
        self._go_on()

    def _go_on(self) -> None:
        """Read on, work on when others had their turn, wait, or end: whatever is due."""
        if self.number < 0 or not self._is_held(len(self._first)):
            return
        reads = False
        if not self._out:
            talk = self._talk
            if self._closing:
                self.end()
                return
            if talk is not None and talk.has_work:
                self._queue()
            elif not self._ended:
                reads = talk is None or not talk.is_full
            elif self.is_idle:
                self.end()
                return
        self._watch((READ if reads else 0) | (SEND if self._out else 0))

    def _on_sent(self) -> None:
        self._postpone()
        self._go_on()

    def _forget(self) -> None:
        self._first = b""
        talk, self._talk = self._talk, None
        if talk is not None:
            talk.lost()
