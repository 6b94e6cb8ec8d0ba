"""HTTPS on one address and port: who may connect, what they may ask for, and what the time is."""

import socket
import time
from collections.abc import Callable, Iterable
from email.utils import formatdate
from typing import Any

import msgspec

from fedresolver.chain.plugin import Encryption, Https
from fedresolver.server.https.connection import HttpConnection
from fedresolver.server.https.talk import REQUEST_SECONDS
from fedresolver.server.port import Address
from fedresolver.server.resolve import Resolver
from fedresolver.server.stream import Stream
from fedresolver.server.tcp import Limits, TcpListener

_IDLE_SECONDS = 30.0
_UNLIMITED = 1 << 31


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How HTTPS is served: what a server block says of it, who counts responses by their status, and what time it is.

    `wall` is in seconds since the epoch.
    """

    https: Https
    count: Callable[[int], None]
    wall: Callable[[], float] = time.time


class HttpsListener(TcpListener):
    """Answers DNS over HTTPS; without `encryption` over HTTP, for a proxy that speaks TLS to the clients.

    `manner` may be replaced at any time; but connections are limited as it was at first.
    """

    protocols = ("h2", "http/1.1")
    ready = 4  # others, UDP too, have their turn sooner: a request costs as much as many datagrams
    worked = 1

    def __init__(
        self,
        address: Address,
        resolver: Resolver,
        clock: Callable[[], float],
        ours: Iterable[socket.socket],
        manner: Manner,
        encryption: Encryption | None = None,
    ) -> None:
        super().__init__(address, resolver, clock, ours, limits(manner.https), encryption)
        self.manner = manner
        self._second = 0
        self._date = b""

    def connection(self, sock: socket.socket, peer: tuple[Any, ...]) -> Stream:
        """Return what goes on with a client that was let in; its handshake and first octets must be there soon."""
        return HttpConnection(self, sock, peer, self.clock() + REQUEST_SECONDS)

    def sweep(self) -> None:
        """End what has taken too long; requests have deadlines of their own, whenever their connection was in use."""
        now = self.clock()
        for connection in tuple(self._connections.values()):
            connection.check(now)

    # what connections know of it (server.https.connection.HttpHouse)

    @property
    def path(self) -> str:
        """The path of the resource that answers queries."""
        return self.manner.https.path

    @property
    def streams(self) -> int:
        """How many requests a connection may have under way at once."""
        return self.manner.https.max_streams

    @property
    def date(self) -> bytes:
        """The time as HTTP writes it (RFC 9110 5.6.7)."""
        second = int(self.manner.wall())
        if second != self._second:
            self._second, self._date = second, formatdate(second, usegmt=True).encode()
        return self._date

    def now(self) -> float:
        """Return the time in seconds of the monotonic clock."""
        return self.clock()

    def count(self, status: int) -> None:
        """Count a response."""
        self.manner.count(status)


def limits(https: Https) -> Limits:
    """Return what clients may hold."""
    return Limits(connections=https.max_connections or _UNLIMITED, idle=_IDLE_SECONDS)
