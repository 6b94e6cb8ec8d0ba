"""An upstream over TCP or TLS that does with each connection what a test says."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeAlias

from tests.support.ask import framed
from tests.support.loop import looping

ADDRESS = "127.0.0.1"
DRIP = 0.05
"""Seconds between two octets of an upstream that drips."""


class Conversation:
    """One connection as the upstream sees it; `number` counts them from 1 on."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self._reader = reader
        self._writer = writer

    async def query(self) -> bytes:
        """Return the next message that we are asked; asyncio.IncompleteReadError at the end."""
        return await self._reader.readexactly(int.from_bytes(await self._reader.readexactly(2)))

    async def queries(self, number: int) -> list[bytes]:
        return [await self.query() for _ in range(number)]

    async def closed(self) -> None:
        """Wait for the end of the connection, which brings nothing more."""
        assert await self._reader.read() == b""

    async def octets(self) -> bytes:
        """Return what has come, whatever it is; nothing at the end."""
        return await self._reader.read(1 << 16)

    async def pass_on(self, port: int) -> None:
        """Hand all octets to another server and back, until both have said all."""
        reader, writer = await asyncio.open_connection(ADDRESS, port)
        try:
            await asyncio.gather(_copy(self._reader, writer), _copy(reader, self._writer))
        finally:
            writer.close()

    def send(self, *messages: bytes) -> None:
        """Send messages with one write."""
        self.write(framed(*messages))

    def write(self, octets: bytes) -> None:
        self._writer.write(octets)

    async def drain(self) -> None:
        """Wait until what was sent has left, or nearly so, and let others run."""
        await self._writer.drain()
        await asyncio.sleep(0)

    async def trickle(self, octets: bytes) -> None:
        """Send each octet with a write of its own, and let others run in between."""
        for octet in octets:
            self._writer.write(bytes((octet,)))
            await self._writer.drain()
            await asyncio.sleep(0)

    async def silence(self) -> None:
        """Do nothing, until the test ends."""
        await asyncio.Event().wait()

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        """End the connection with RST."""
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def drip(self, octets: bytes) -> None:
        """Send an octet every now and then, until the test ends."""
        for octet in octets:
            self._writer.write(bytes((octet,)))
            await asyncio.sleep(DRIP)
        await self.silence()


Script: TypeAlias = Callable[[Conversation], Awaitable[None]]
"""What to do with a connection, which is closed when it returns or when the client has gone."""


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while octets := await reader.read(1 << 16):
        writer.write(octets)
        await writer.drain()
    writer.write_eof()


class Upstream:
    """A server that is open: its `port`, and how many connections it has accepted."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.port = 0
        self.accepted = 0
        self.faults: list[BaseException] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await self._script(Conversation(self.accepted, reader, writer))
        except asyncio.CancelledError:
            writer.transport.abort()
        except Exception as error:  # told at the end
            self.faults.append(error)
        writer.close()
        with suppress(ConnectionError, ssl.SSLError, TimeoutError):
            await writer.wait_closed()
        self._tasks.discard(task)

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


@asynccontextmanager
async def upstream(
    script: Script, context: ssl.SSLContext | None = None, host: str = ADDRESS
) -> AsyncIterator[Upstream]:
    """Give a server that treats its connections as `script` says; what goes wrong in the script fails the test."""
    made = Upstream(script)
    server = await asyncio.start_server(made.converse, host, 0, ssl=context)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await made.end()
    assert made.faults == []


@contextmanager
def scripted(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Upstream]:
    """Give such a server with a loop in a thread of its own."""
    with looping() as loop:
        manager = upstream(script, context)
        made = loop.run(manager.__aenter__())
        try:
            yield made
        finally:
            loop.run(manager.__aexit__(None, None, None))


def reply(query: bytes, more: bytes = b"") -> bytes:
    """Return the response to a query: the query itself with QR set, and octets behind it."""
    return query[:2] + bytes((query[2] | 0x80,)) + query[3:] + more


async def echo(conversation: Conversation) -> None:
    """Answer all that comes."""
    while True:
        conversation.send(reply(await conversation.query()))
