"""TCP, with or without TLS: who may connect, and for how long.

Nothing a client does can hold more than its own connection: there is a deadline for each message to be complete and for
each answer to be taken, and a limit on connections, in all and per address. When there are too many in all, the one
that was idle for longest makes room for the next.

The listening socket and all its connections are watched by one epoll(7), which in turn is watched by the event loop. A
wake-up takes a few of what is ready, so that UDP, timers and watches get their turn. A handshake of TLS, which costs as
much as a hundred answers, is worked out in a thread beside.
"""

import asyncio
import errno
import logging
import select
import socket
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any

import msgspec

from fedresolver.chain.plugin import Encryption
from fedresolver.server.connection import Connection
from fedresolver.server.handshakes import Handshakes
from fedresolver.server.hot import Hot
from fedresolver.server.port import Address, shared, unbound
from fedresolver.server.resolve import Resolver
from fedresolver.server.seal import Seal
from fedresolver.server.stream import UNWATCHED, Stream
from fedresolver.server.table import Table

_SWEEP_SECONDS = 1.0
_ARRIVALS = 16
"""How many connections are accepted before others have their turn."""
_BACKLOG = 1024
_LAST_TURNS = 128
"""How often a listener that closes looks for what has come already."""
_SOUGHT = 64
"""How many connections are looked at for one that is idle."""
_CROWDED = 0.9
"""The part of all connections from which on clients are asked to leave when they have been answered."""
_SILENT_SECONDS = 60.0
"""How long what was logged of a lack of sockets is not logged again."""
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
log = logging.getLogger("fedresolver.server")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What clients may hold: connections in all and of one address; `idle` is in seconds (RFC 7766 6.2.3).

    `octets` are those of all of them together that wait here: for the rest of a message, or to be taken.
    """

    connections: int = 4096
    per_client: int = 256
    idle: float = 10.0
    octets: int = 64 * 1024 * 1024


TLS_LIMITS = Limits(connections=2048)
"""A client over TLS holds 40 KiB in the middle of its handshake."""


class TcpListener:
    """Answers connections on one address and port; `address` is where it listens, with the port that it got.

    `refused` counts connections that were ended as they came, for there were too many; `failed` handshakes that came
    to no good end. OSError when the address cannot be had. `ours` are sockets of this process: they may have the same
    port. With `encryption` clients speak TLS; another one is for those who come from then on. `protocols` are what
    may be spoken over TLS, by the names that they have in ALPN (RFC 7301).
    """

    protocols: tuple[str, ...] = ("dot",)
    ready: int = 16
    """How many connections are looked at before others have their turn."""
    worked: int = 4
    """How many connections go on with what they have to do before others have their turn."""

    def __init__(
        self,
        address: Address,
        resolver: Resolver,
        clock: Callable[[], float],
        ours: Iterable[socket.socket] = (),
        limits: Limits | None = None,
        encryption: Encryption | None = None,
    ) -> None:
        self.resolver = resolver
        self.encryption = encryption
        self.clock = clock
        self.limits = limits or (Limits() if encryption is None else TLS_LIMITS)
        self.socket = _listening(address, ours)
        self.address: Address = self.socket.getsockname()[:2]
        self._door = self.socket.fileno()
        self._crowd = int(self.limits.connections * _CROWDED)
        self._tables = Table[Hot](), Table[Hot]()  # by whether it is crowded, which answers may tell
        self._handshakes = Handshakes()
        self._epoll: select.epoll | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._connections: OrderedDict[int, Stream] = OrderedDict()  # those last that were in use last
        self._clients: Counter[str] = Counter()
        self._queue: dict[Stream, None] = {}  # those that have to go on, in the order in which they came
        self._worker: asyncio.Handle | None = None
        self._empty: asyncio.Event | None = None
        self._silent_until = 0.0
        self.refused = 0
        self.failed = 0
        self._held = 0

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    async def open(self) -> None:
        """Begin to accept."""
        loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._epoll.register(self._door, select.EPOLLIN)
        loop.add_reader(self._epoll.fileno(), self._on_ready, self._epoll)
        self._sweeper = loop.call_later(_SWEEP_SECONDS, self._on_sweep)

    async def close(self, seconds: float) -> None:
        """Accept no more, answer what was asked within `seconds`, and end every connection."""
        if self._epoll is None or self._sweeper is None:
            self.socket.close()
            return
        for _ in range(_LAST_TURNS):
            if not self._on_ready(self._epoll):
                break
            await asyncio.sleep(0)
        self._sweeper.cancel()
        self._epoll.unregister(self._door)
        self.socket.close()
        for connection in tuple(self._connections.values()):
            connection.finish()
        if self._connections:
            self._empty = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), seconds)
        for connection in tuple(self._connections.values()):
            connection.drop()
        self._handshakes.close()
        asyncio.get_running_loop().remove_reader(self._epoll.fileno())
        self._epoll.close()
        self._epoll = None

    def forget(self) -> None:
        """Make every answer anew."""
        for table in self._tables:
            table.clear()

    def sweep(self) -> None:
        """End the connections whose deadline has passed."""
        now = self.clock()
        for connection in tuple(self._connections.values()):
            if connection.deadline > now:
                break  # that of all others is later: they were in use after it
            connection.check(now)

    def connection(self, sock: socket.socket, peer: tuple[Any, ...]) -> Stream:
        """Return what goes on with a client that was let in."""
        return Connection(self, sock, peer, self.clock() + self.limits.idle)

    # what connections know of it (server.stream.House)

    @property
    def encrypted(self) -> bool:
        """Whether its clients speak TLS."""
        return self.encryption is not None

    @property
    def hot(self) -> Table[Hot]:
        """What is answered at a glance, as things stand."""
        return self._tables[len(self._connections) >= self._crowd]

    @property
    def patience(self) -> float:
        """How long a connection may be idle, in seconds, as far as clients are told; 0 when there are too many."""
        return 0.0 if len(self._connections) >= self._crowd else self.limits.idle

    def seal(self) -> Seal:
        """Return TLS for a client that has begun to speak it."""
        assert self.encryption is not None
        return Seal(self.encryption.context(*self.protocols))

    def handshake(self, connection: Stream, seal: Seal, octets: bytes) -> None:
        """Have a handshake go on with what the client sent, and then `connection.on_opened` called."""
        self._handshakes.go_on(connection, seal, octets, partial(_lead_on, connection, connection.on_opened))

    def watch(self, number: int, former: int, events: int) -> None:
        """Tell the connection with this descriptor of other `events` than before, 0 for none but its end."""
        assert self._epoll is not None
        if former == UNWATCHED:
            self._epoll.register(number, events)
        else:
            self._epoll.modify(number, events)

    def hold(self, octets: int) -> bool:
        """Take note that so many more octets are held for a client, or less; False when they are too many in all."""
        self._held += octets
        return self._held <= self.limits.octets

    def busy(self, number: int) -> float:
        """Take note that a connection is in use, and return until when it may be idle, in seconds of the clock."""
        self._connections.move_to_end(number)
        return self.clock() + self.limits.idle

    def queue(self, connection: Stream) -> None:
        """Have `connection.work` called when it is its turn."""
        self._queue[connection] = None
        self._work_soon()

    def dismiss(self, connection: Stream) -> None:
        """Forget a connection that has ended, and what was to be done for it."""
        self._queue.pop(connection, None)
        self._handshakes.forget(connection)
        self.failed += connection.is_half_open
        del self._connections[connection.number]
        client = connection.peer[0]
        self._clients[client] -= 1
        if not self._clients[client]:
            del self._clients[client]
        if self._empty is not None and not self._connections:
            self._empty.set()

    def _work_soon(self) -> None:
        if self._queue and self._worker is None:
            self._worker = asyncio.get_running_loop().call_soon(self._work)

    def _work(self) -> None:
        """Have some connections go on."""
        self._worker = None
        for connection in tuple(islice(self._queue, self.worked)):
            if connection in self._queue:  # none that the one before has ended
                del self._queue[connection]
                _lead_on(connection, connection.work)
        self._work_soon()

    def _on_ready(self, epoll: select.epoll) -> int:
        """Go on with some of what is ready, and say with how many."""
        ready = epoll.poll(0, self.ready)
        for number, events in ready:
            connection = self._connections.get(number)
            if connection is not None:
                _lead_on(connection, connection.on_ready, events)
            elif number == self._door:
                self._accept()
        return len(ready)

    def _accept(self) -> None:
        for _ in range(_ARRIVALS):
            try:
                sock, peer = self.socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    self._run_short(error)
                    return
                continue  # the client has gone already
            self._receive(sock, peer)

    def _receive(self, sock: socket.socket, peer: tuple[Any, ...]) -> None:
        """Take in a client, or end its connection at once."""
        if self._clients[peer[0]] >= self.limits.per_client or not self._has_room():
            self.refused += 1
            sock.close()
            return
        sock.setblocking(False)
        connection = self.connection(sock, peer)
        self._connections[connection.number] = connection
        self._clients[peer[0]] += 1
        _lead_on(connection, connection.start)

    def _has_room(self) -> bool:
        """Say whether one more may come; where there are too many, one of those that are idle must go for it."""
        return len(self._connections) < self.limits.connections or self._make_room()

    def _make_room(self) -> bool:
        """End the connection that has been idle for longest; False where there is none."""
        for connection in islice(self._connections.values(), _SOUGHT):
            if connection.is_idle:
                connection.end()
                return True
        return False

    def _run_short(self, error: OSError) -> None:
        """Let somebody go when the system gives no more sockets; if nobody can, accept nobody until the next sweep."""
        now = self.clock()
        if now >= self._silent_until:
            self._silent_until = now + _SILENT_SECONDS
            log.warning("no more connections can be accepted: %s; raise the limit of open files", error.strerror)
        if not self._make_room() and self._epoll is not None:
            self._epoll.modify(self._door, 0)

    def _on_sweep(self) -> None:
        self.sweep()
        if self._epoll is not None:
            self._epoll.modify(self._door, select.EPOLLIN)
        self._sweeper = asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._on_sweep)


def _lead_on(connection: Stream, step: Callable[..., None], *news: object) -> None:
    """Take a step with a connection; one that nobody can go on with ends, not the others."""
    try:
        step(*news)
    except Exception as error:
        log.error("an exception ends a connection: %s: %s", type(error).__name__, error)
        connection.drop()


def _listening(address: Address, ours: Iterable[socket.socket]) -> socket.socket:
    sock = unbound(socket.SOCK_STREAM, address[0])
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that linger do not stop a restart
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # for those that are accepted
        with shared(sock, address[1], ours):
            sock.bind(address)
            sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock
