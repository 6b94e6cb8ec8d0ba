"""What listens at a place, by its transport: the one table of them."""

import asyncio
import socket
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
    """What listeners are made with: a monotonic clock in seconds, and the counter of exceptions."""

    clock: Callable[[], float]
    panics: Counter


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


class TlsListener:
    """TLS on one address and port (RFC 7858); all blocks of it have the same certificate."""

    def __init__(self, address: Address, blocks: Blocks, means: Means) -> None:
        self._resolver = Resolver(Router(blocks), means.clock, means.panics)
        self._wanted = address
        self._clock = means.clock
        self._encryption = encryption(blocks)
        self._tcp: TcpListener | None = None

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
        tcp = TcpListener(self._wanted, self._resolver, self._clock, ours, encryption=self._encryption)
        await tcp.open()
        self._tcp = tcp

    def serve(self, blocks: Blocks) -> None:
        """Answer by other blocks from now on; connections that are there stay."""
        self._encryption = encryption(blocks)
        self._resolver.route(Router(blocks))
        if self._tcp is not None:
            self._tcp.encryption = self._encryption
        self.forget()

    def forget(self) -> None:
        """Make every answer anew."""
        self._resolver.forget()
        if self._tcp is not None:
            self._tcp.forget()

    async def close(self) -> None:
        """Answer what was asked, and give back the address."""
        if self._tcp is not None:
            await self._tcp.close(DRAIN_SECONDS)


def encryption(blocks: Blocks) -> Encryption:
    """Return the certificate of a place whose transport has one: that of any of its blocks."""
    found = next(iter(blocks.values())).encryption
    assert found is not None  # `build` lets no block without it be there
    return found


TRANSPORTS: dict[str, Callable[[Address, Blocks, Means], Listener]] = {"dns": DnsListener, "tls": TlsListener}
"""What listens for each transport that is served."""

ENCRYPTED = frozenset({"tls", "https"})
"""The transports that need a certificate."""


def listener(place: Place, blocks: Blocks, means: Means) -> Listener:
    """Return what will listen at `place`, and answers by `blocks`."""
    return TRANSPORTS[place.transport]((place.host, place.port), blocks, means)
