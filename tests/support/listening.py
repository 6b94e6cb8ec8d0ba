"""UDP, TCP and TLS listeners on the loopback in front of handlers that a test writes."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from fedresolver.chain.handler import FOREVER, Cell, Handler, Reply, Request
from fedresolver.chain.plugin import Encryption, Observer
from fedresolver.observe.metrics import Counter
from fedresolver.server.resolve import Resolver
from fedresolver.server.router import Block, Router
from fedresolver.server.tcp import Limits, TcpListener
from fedresolver.server.udp import UdpListener
from fedresolver.wire.name import from_text
from fedresolver.wire.rr import addresses
from tests.support.ask import Address
from tests.support.loop import Loop, looping


class Listening:
    """The two listeners of one address, one for TLS where it is wanted, their resolver, the counter of exceptions."""

    def __init__(
        self,
        host: str,
        blocks: Mapping[str, Block],
        clock: Callable[[], float],
        limits: Limits | None,
        wall: Callable[[], float] = time.time,
        encryption: Encryption | None = None,
    ) -> None:
        self.panics = Counter("fedresolver_panics_total", "", ())
        self.resolver = Resolver(router(blocks), clock, self.panics, wall)
        self.loop: Loop
        self.udp: UdpListener
        self.tcp: TcpListener
        self.tls: TcpListener | None = None
        self._encryption = encryption
        self._tcp = partial(TcpListener, resolver=self.resolver, clock=clock, limits=limits)
        self._host = host

    @property
    def address(self) -> Address:
        return self.udp.address

    async def open(self) -> None:
        """Take the first port that is free for both transports."""
        while True:
            self.udp = UdpListener((self._host, 0), self.resolver)
            try:
                self.tcp = self._tcp((self._host, self.udp.address[1]))
            except OSError:
                await self.udp.close(0)
            else:
                self.udp.open()
                await self.tcp.open()
                break
        if self._encryption is not None:
            self.tls = self._tcp((self._host, 0), encryption=self._encryption)
            await self.tls.open()

    async def close(self, seconds: float = 0.0) -> None:
        await self.udp.close(seconds)
        await self.tcp.close(seconds)
        if self.tls is not None:
            await self.tls.close(seconds)


def router(blocks: Mapping[str, Block]) -> Router:
    """Return the router of blocks whose zones are given as text."""
    return Router({from_text(zone): block for zone, block in blocks.items()})


@contextmanager
def listening(
    handler: Handler | None = None,
    *observers: Observer,
    host: str = "127.0.0.1",
    blocks: Mapping[str, Block] | None = None,
    clock: Callable[[], float] = time.monotonic,
    limits: Limits | None = None,
    wall: Callable[[], float] = time.time,
    encryption: Encryption | None = None,
) -> Iterator[Listening]:
    """Give listeners that answer with `handler` for every name, or with `blocks` by zone."""
    blocks = blocks or {".": Block(handler or answering("192.0.2.1"), observers)}
    with looping() as loop:
        both = Listening(host, blocks, clock, limits, wall, encryption)
        both.loop = loop
        loop.run(both.open())
        try:
            yield both
        finally:
            loop.run(both.close())


def answering(*texts: str, cell: Cell | None = FOREVER, ttl: int = 60, turns: bool = False) -> Handler:
    """Return a handler that answers every name with these IPv4 addresses."""
    packed = tuple(bytes(map(int, text.split("."))) for text in texts)

    async def handle(request: Request) -> Reply:
        return Reply(answer=addresses(request.query.qname, ttl, packed), cell=cell, turns=turns)

    return handle
