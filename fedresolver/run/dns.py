"""What listens for DNS as it is: UDP and TCP."""

import asyncio
import socket
from collections.abc import Sequence
from itertools import count

from fedresolver.run.listener import DRAIN_SECONDS, Blocks, Crowd, Means
from fedresolver.run.places import Address
from fedresolver.server.resolve import Resolver
from fedresolver.server.router import Router
from fedresolver.server.tcp import TcpListener
from fedresolver.server.udp import UdpListener

_TRIES = 20


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

    @property
    def crowd(self) -> Crowd | None:
        """Those who are connected; None while it is not open."""
        return self._tcp

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
