"""A TCP proxy that fails as networks do: one direction is a queue of octets with the time when they came."""

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.support.ask import Address
from tests.support.loop import Loop

_CHUNK = 65536
_STEPS = 10
"""How often per second a narrow link carries something."""
_ABORT = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Link:
    """What a connection meets: `latency` in seconds each way, `rate` in octets per second and direction."""

    listens: bool = True
    flows: bool = True
    latency: float = 0.0
    rate: int | None = None


PASS = Link()
BLACK_HOLE = Link(flows=False)
"""Connections stay, and new ones are taken, but nothing comes through until the link passes again."""
REFUSED = Link(listens=False)
"""Nobody listens; connections that are there stay, unless they are reset."""
SLOW = Link(latency=2.0)
NARROW = Link(rate=1000)


class Proxy:
    """Listens on `address` for `target`; its link can be changed at any time, from any thread but the loop's."""

    def __init__(self, loop: Loop, target: Address) -> None:
        self._loop = loop
        self._target = target
        self._link = PASS
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self.address: Address = ("127.0.0.1", 0)
        """Where it listens: a port of its own, which it keeps."""

    def become(self, link: Link) -> None:
        """Change what connections meet, those that are there too."""
        self._loop.run(self._become(link))

    def reset(self) -> None:
        """Reset all connections (RST), on both sides."""
        self._loop.run(self._end(lambda: self._tasks))

    @property
    def connections(self) -> int:
        """How many connections there are."""
        return len(self._tasks)

    def open(self) -> None:
        """Listen."""
        self._loop.call(self._listen)

    def close(self) -> None:
        """Listen no more, and reset what is connected."""
        self._loop.run(self._end(self._close))
        self.reset()

    async def _become(self, link: Link) -> None:
        self._link = link
        if not link.listens:
            await self._end(self._close)
        elif not self._listener:
            self._listen()
        self._changed.set()
        self._changed = asyncio.Event()

    def _listen(self) -> None:
        self._listener = socket.create_server(self.address, backlog=128)
        self._listener.setblocking(False)
        self.address = self._listener.getsockname()
        self._accepting = asyncio.create_task(self._accept(self._listener))

    def _close(self) -> set[asyncio.Task[None]]:
        found = {self._accepting} if self._accepting else set()
        self._listener = self._accepting = None
        return found

    async def _end(self, which: Callable[[], set[asyncio.Task[None]]]) -> None:
        tasks = set(which())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, listener: socket.socket) -> None:
        with listener:
            while True:
                client, _ = await asyncio.get_running_loop().sock_accept(listener)
                task = asyncio.create_task(self._carry(client))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _carry(self, client: socket.socket) -> None:
        """Join a client with the target until both have ended; whatever else happens is a reset for both."""
        ended = False
        with client, socket.socket() as server:
            server.setblocking(False)
            try:
                await self._flowing()
                await asyncio.get_running_loop().sock_connect(server, self._target)
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._pump(client, server))
                    group.create_task(self._pump(server, client))
                ended = True
            except* OSError:
                pass
            finally:
                if not ended:
                    _abort(client, server)

    async def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(16)
        async with asyncio.TaskGroup() as group:
            group.create_task(_read(source, queue))
            group.create_task(self._write(sink, queue))

    async def _write(self, sink: socket.socket, queue: asyncio.Queue[tuple[float, bytes]]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            came, data = await queue.get()
            await asyncio.sleep(came + self._link.latency - loop.time())
            await self._flowing()
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return
            await self._send(sink, data)

    async def _send(self, sink: socket.socket, data: bytes) -> None:
        while data:
            await self._flowing()
            rate = self._link.rate
            size = max(1, rate // _STEPS) if rate else len(data)
            await asyncio.get_running_loop().sock_sendall(sink, data[:size])
            data = data[size:]
            if rate:
                await asyncio.sleep(size / rate)

    async def _flowing(self) -> None:
        while not self._link.flows:
            await self._changed.wait()


@contextmanager
def proxying(loop: Loop, target: Address) -> Iterator[Proxy]:
    """Give a proxy whose link passes; at the end nothing is left of it."""
    proxy = Proxy(loop, target)
    proxy.open()
    try:
        yield proxy
    finally:
        proxy.close()


async def _read(source: socket.socket, queue: asyncio.Queue[tuple[float, bytes]]) -> None:
    loop = asyncio.get_running_loop()
    data = b"begun"
    while data:
        data = await loop.sock_recv(source, _CHUNK)
        await queue.put((loop.time(), data))


def _abort(*sockets: socket.socket) -> None:
    """Make the close that follows a reset (RST), not an end in order (FIN)."""
    for one in sockets:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
