"""A TCP connection on which one question is asked, and answered by one message or by many."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fedresolver.upstream.target import Target
from fedresolver.wire.framing import LENGTH


class Stream:
    """An open connection. No more is held of what comes than one message and what the system reads ahead."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, message: bytes) -> None:
        """Send a message; OSError when the connection is gone."""
        self._writer.write(len(message).to_bytes(LENGTH) + message)
        await self._writer.drain()

    async def receive(self, seconds: float) -> bytes:
        """Return the next message, which must be whole within `seconds`.

        TimeoutError, other OSErrors, and EOFError when the other side has ended the connection.
        """
        async with asyncio.timeout(seconds):
            length = int.from_bytes(await self._reader.readexactly(LENGTH))
            return await self._reader.readexactly(length)


@asynccontextmanager
async def connected(target: Target, seconds: float, source: str | None = None) -> AsyncIterator[Stream]:
    """Give a connection that is open within `seconds`, OSError when there is none; it is cut at the end.

    It comes from `source`, an address of ours, or any.
    """
    ours = None if source is None else (source, 0)
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection(target.host, target.port, local_addr=ours)
    try:
        yield Stream(reader, writer)
    finally:
        writer.transport.abort()
