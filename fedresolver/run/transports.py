"""What listens at a place, by its transport: the one table of them."""

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Protocol, TypeAlias

import msgspec

from fedresolver.chain.plugin import Encryption
from fedresolver.observe.metrics import Counter
from fedresolver.run.places import Address, Place
from fedresolver.server.resolve import Resolver
from fedresolver.server.router import Block, Router
from fedresolver.server.tcp import TcpListener
from fedresolver.server.udp import UdpListener
from fedresolver.wire.name import Name

DRAIN_SECONDS = 3.0
"""How long what was asked may take to be answered when a listener closes."""
_TRIES = 20

Blocks: TypeAlias = Mapping[Name, Block]
"""The server blocks of one place, by zone."""


class Means(msgspec.Struct, frozen=True):
    """What listeners are made with: a monotonic clock in seconds, and counters.

    `panics` counts exceptions, `https` responses of HTTP by server and status.
    """

    clock: Callable[[], float]
    panics: Counter
    https: Counter


class Listener(Protocol):
    """Answers queries at one place."""

    @property
    def address(self) -> Address:
        """Where it listens, with the port that it got."""

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """What it listens with; nothing while it is not open."""

    async def open(self, ours: Sequence[socket.socket]) -> None:
        """Take the address; OSError when it cannot be had. `ours` may have the same port."""

    def serve(self, blocks: Blocks) -> None:
        """Answer by other blocks from now on."""

    def forget(self) -> None:
        """Make every answer anew."""

    async def close(self) -> None:
        """Answer what was asked, and give back the address."""


class DnsListener:
    """UDP and TCP on one address and port, answered by the same blocks."""

    def __init__(self, address: Address, blocks: Blocks, means: Means) -> None:
        self._resolver = Resolver(Router(blocks), means.clock, means.panics)
        self._wanted = address
        self._clock = means.clock
        self._udp: UdpListener | None = None
        self._tcp: TcpListener | None = None

    @property
    def address(self) -> Address:
        """Where it listens, with the port that it got."""
        return self._wanted if self._udp is None else self._udp.address

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """What it listens with; nothing while it is not open."""
        return tuple(listener.socket for listener in (self._udp, self._tcp) if listener is not None)

    async def open(self, ours: Sequence[socket.socket]) -> None:
        """Take the address, for both transports; OSError when it cannot be had. `ours` may have the same port."""
        for attempt in count(1):
            try:
                await self._open(ours)
            except OSError:
                # A port that was drawn for UDP may be taken for TCP.
                if self._wanted[1] != 0 or attempt == _TRIES:
                    raise
            else:
                return

    async def _open(self, ours: Sequence[socket.socket]) -> None:
        udp = UdpListener(self._wanted, self._resolver, ours)
        try:
            tcp = TcpListener(udp.address, self._resolver, self._clock, ours)
        except OSError:
            await udp.close(0)
            raise
        udp.open()
        await tcp.open()
        self._udp, self._tcp = udp, tcp

    def serve(self, blocks: Blocks) -> None:
        """Answer by other blocks from now on."""
        self._resolver.route(Router(blocks))
        self.forget()

    def forget(self) -> None:
        """Make every answer anew."""
        self._resolver.forget()
        if self._udp is not None and self._tcp is not None:
            self._udp.hot.clear()
            self._tcp.forget()

    async def close(self) -> None:
        """Answer what was asked, and give back the address."""
        if self._udp is not None and self._tcp is not None:
            await asyncio.gather(self._udp.close(DRAIN_SECONDS), self._tcp.close(DRAIN_SECONDS))


class StreamListener(ABC):
    """Connections on one address and port, answered by the same blocks."""

    def __init__(self, address: Address, blocks: Blocks, means: Means) -> None:
        self.resolver = Resolver(Router(blocks), means.clock, means.panics)
        self.means = means
        self._wanted = address
        self._blocks = blocks
        self._tcp: TcpListener | None = None

    @abstractmethod
    def make(self, address: Address, blocks: Blocks, ours: Sequence[socket.socket]) -> TcpListener:
        """Return what will listen; OSError when the address cannot be had."""

    def adapt(self, tcp: TcpListener, blocks: Blocks) -> None:
        """Have it do as other blocks say, for those who come from now on."""
        tcp.encryption = encryption(blocks)

    @property
    def address(self) -> Address:
        """Where it listens, with the port that it got."""
        return self._wanted if self._tcp is None else self._tcp.address

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """What it listens with; nothing while it is not open."""
        return () if self._tcp is None else (self._tcp.socket,)

    async def open(self, ours: Sequence[socket.socket]) -> None:
        """Take the address; OSError when it cannot be had. `ours` may have the same port."""
        tcp = self.make(self._wanted, self._blocks, ours)
        await tcp.open()
        self._tcp = tcp

    def serve(self, blocks: Blocks) -> None:
        """Answer by other blocks from now on; connections that are there stay."""
        self._blocks = blocks
        self.resolver.route(Router(blocks))
        if self._tcp is not None:
            self.adapt(self._tcp, blocks)
        self.forget()

    def forget(self) -> None:
        """Make every answer anew."""
        self.resolver.forget()
        if self._tcp is not None:
            self._tcp.forget()

    async def close(self) -> None:
        """Answer what was asked, and give back the address."""
        if self._tcp is not None:
            await self._tcp.close(DRAIN_SECONDS)


class TlsListener(StreamListener):
    """DNS over TLS (RFC 7858); all blocks of a place have the same certificate."""

    def make(self, address: Address, blocks: Blocks, ours: Sequence[socket.socket]) -> TcpListener:
        """Return what will listen; OSError when the address cannot be had."""
        return TcpListener(address, self.resolver, self.means.clock, ours, encryption=encryption(blocks))


def _over_https(address: Address, blocks: Blocks, means: Means) -> Listener:
    """Return what listens for HTTPS."""
    from fedresolver.run.doh import DohListener  # 11 MiB that a server without it does not need

    return DohListener(address, blocks, means)


def encryption(blocks: Blocks) -> Encryption | None:
    """Return the certificate of a place: that of any of its blocks."""
    return next(iter(blocks.values())).encryption


TRANSPORTS: dict[str, Callable[[Address, Blocks, Means], Listener]] = {
    "dns": DnsListener,
    "tls": TlsListener,
    "https": _over_https,
}
"""What listens for each transport that is served."""

ENCRYPTED = frozenset({"tls"})
"""The transports that need a certificate; behind a proxy that has one https:// does without."""


def listener(place: Place, blocks: Blocks, means: Means) -> Listener:
    """Return what will listen at `place`, and answers by `blocks`."""
    return TRANSPORTS[place.transport]((place.host, place.port), blocks, means)
