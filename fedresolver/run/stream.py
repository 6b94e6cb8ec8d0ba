"""What listens for connections only, and for DNS over TLS in them."""

import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence

from fedresolver.chain.plugin import Encryption
from fedresolver.run.listener import DRAIN_SECONDS, Blocks, Crowd, Means
from fedresolver.run.places import Address
from fedresolver.server.resolve import Resolver
from fedresolver.server.router import Router
from fedresolver.server.tcp import TcpListener


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

    @property
    def crowd(self) -> Crowd | None:
        """Those who are connected; None while it is not open."""
        return self._tcp

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


def encryption(blocks: Blocks) -> Encryption | None:
    """Return the certificate of a place: that of any of its blocks."""
    return next(iter(blocks.values())).encryption
