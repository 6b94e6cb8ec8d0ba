"""Questions over UDP, from sockets whose ports and message IDs cannot be guessed (RFC 5452 9.2).

Each question leaves from a socket that is drawn at random from a pool, with an ID of the operating system's generator.
The sockets are connected, so the system lets only datagrams of the upstream through; they are replaced all the time.
A datagram that answers nothing that was asked is counted, and the wait goes on: it is no proof of anything.

All the sockets of a pool are watched by one epoll(7), which in turn is watched by the event loop: it would cost the
loop more to look at each of them.
"""

import asyncio
import select
import socket
from collections.abc import Callable
from typing import Protocol

from fedresolver.upstream.exchange.entropy import Entropy
from fedresolver.upstream.failure import Cause, UpstreamError, cause_of, words
from fedresolver.upstream.target import Target
from fedresolver.wire.received import is_answer_to

PORTS = 64
"""Sockets of a pool; a power of two below 256."""
USES = 256
"""After so many questions a socket is replaced."""
SECONDS = 10.0
"""After so long a socket is replaced."""
LARGEST = 4096
"""Octets of a datagram that are read; we say that we take 1,232. One that has so many may have had more."""
_AT_ONCE = 16
"""Datagrams of one socket that are read before the others have their turn."""


class Taker(Protocol):
    """Who waits for an answer."""

    def take(self, message: bytes) -> None:
        """Be given the message with the ID and the question that were asked."""

    def fail(self, error: UpstreamError) -> None:
        """Be told that there will be none."""


class Waiting:
    """One question under way: where from, under which ID, and who waits. `question` is as it was sent."""

    __slots__ = ("exact", "identity", "port", "question", "taker")

    def __init__(self, port: "_Port", identity: bytes, question: bytes, taker: Taker, *, exact: bool) -> None:
        self.port = port
        self.identity = identity
        self.question = question
        self.taker = taker
        self.exact = exact


class _Port:
    """A connected socket: what is asked from it, how often it may yet be used, until when."""

    __slots__ = ("left", "pending", "retired", "sock", "until")

    def __init__(self, sock: socket.socket, until: float) -> None:
        self.sock = sock
        self.until = until
        self.left = USES
        self.retired = False
        self.pending: dict[bytes, Waiting] = {}


class UdpPool:
    """Asks the server `target`. `clock` is monotonic, in seconds; `unexpected` counts stray datagrams."""

    def __init__(self, target: Target, clock: Callable[[], float]) -> None:
        self.unexpected = 0
        self._target = target
        self._family = socket.AF_INET6 if ":" in target.host else socket.AF_INET
        self._entropy = Entropy()
        self._clock = clock
        self._drawn: list[_Port | None] = [None] * PORTS
        self._open: dict[int, _Port] = {}
        self._closed = False
        self._epoll: select.epoll | None = None

    def send(self, rest: bytes, question: bytes, taker: Taker, *, exact: bool) -> Waiting:
        """Send the message that goes on with `rest` after its ID; UpstreamError when it cannot leave.

        `taker` is told the outcome, unless the question is forgotten; `exact` is whether the answer must give the
        letter case of `question` back.
        """
        number = self._entropy.take(1)[0] & PORTS - 1
        port = self._drawn[number]
        if port is None or not port.left or self._clock() >= port.until:
            port = self._replace(number)
        identity = self._entropy.take(2)
        while identity in port.pending:
            identity = self._entropy.take(2)
        port.left -= 1
        try:
            port.sock.send(identity + rest)
        except OSError as error:
            # What the system says may be about an earlier datagram: the socket is not used again.
            port.left = 0
            raise self._failure(error) from error
        waiting = port.pending[identity] = Waiting(port, identity, question, taker, exact=exact)
        return waiting

    def forget(self, waiting: Waiting) -> None:
        """Wait no more for an answer; one that has come is ignored."""
        port = waiting.port
        if port.pending.pop(waiting.identity, None) is not None:
            self._close_if_done(port)

    def close(self) -> None:
        """Give back every socket, and open none any more; who waits is told so."""
        self._closed = True
        for port in tuple(self._open.values()):
            self._end(port, self._no_more())
        self._drawn = [None] * PORTS
        if self._epoll is not None:
            asyncio.get_running_loop().remove_reader(self._epoll.fileno())
            self._epoll.close()
            self._epoll = None

    def _replace(self, number: int) -> _Port:
        former = self._drawn[number]
        self._drawn[number] = None
        if former is not None:
            former.retired = True
            self._close_if_done(former)
        port = self._drawn[number] = self._connected()
        return port

    def _connected(self) -> _Port:
        if self._closed:
            raise self._no_more()
        try:
            epoll = self._watched()
            sock = socket.socket(self._family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        except OSError as error:
            raise self._failure(error) from error
        try:
            sock.connect((self._target.host, self._target.port))
            epoll.register(sock, select.EPOLLIN)
        except OSError as error:
            sock.close()
            raise self._failure(error) from error
        port = self._open[sock.fileno()] = _Port(sock, self._clock() + SECONDS)
        return port

    def _watched(self) -> select.epoll:
        if self._epoll is None:
            self._epoll = select.epoll()
            asyncio.get_running_loop().add_reader(self._epoll.fileno(), self._on_ready)
        return self._epoll

    def _on_ready(self) -> None:
        for number, _ in self._watched().poll(0, PORTS):
            port = self._open.get(number)
            if port is not None:
                self._drain(port)

    def _drain(self, port: _Port) -> None:
        for _ in range(_AT_ONCE):
            try:
                message = port.sock.recv(LARGEST)
            except BlockingIOError:
                return
            except OSError as error:
                self._end(port, self._failure(error))
                return
            self._take(port, message)
            if not port.pending:
                return  # nothing more is expected; what comes all the same wakes us again

    def _take(self, port: _Port, message: bytes) -> None:
        waiting = port.pending.get(message[:2])
        if waiting is None or not is_answer_to(message, waiting.identity, waiting.question, exact=waiting.exact):
            self.unexpected += 1
            return
        del port.pending[waiting.identity]
        self._close_if_done(port)
        waiting.taker.take(message)

    def _end(self, port: _Port, error: UpstreamError) -> None:
        """Close a socket that an error was reported for, and tell those who wait at it."""
        if port in self._drawn:
            self._drawn[self._drawn.index(port)] = None
        port.retired = True
        waiting, port.pending = tuple(port.pending.values()), {}
        self._close_if_done(port)
        for one in waiting:
            one.taker.fail(error)

    def _close_if_done(self, port: _Port) -> None:
        if port.retired and not port.pending and port.sock.fileno() >= 0:
            del self._open[port.sock.fileno()]
            self._watched().unregister(port.sock)
            port.sock.close()

    def _no_more(self) -> UpstreamError:
        return UpstreamError(Cause.CLOSED, f"{self._target}: it is not asked any more")

    def _failure(self, error: OSError) -> UpstreamError:
        return UpstreamError(cause_of(error), f"{self._target}: {words(error)}")
