"""TCP: messages behind their length, answered as they come (RFC 7766).

One `data_received` answers all the whole messages that it has read with one write. Nothing a client does can hold
more than its own connection: there is a deadline for each message to be complete and for each answer to be taken, and
a limit on connections, in all and per address.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from fedresolver.chain.handler import Client
from fedresolver.server.resolve import Hot, Resolver
from fedresolver.server.table import Table
from fedresolver.wire.query import Edns
from fedresolver.wire.response import TCP_SIZE

_SWEEP_SECONDS = 1.0
_MOST_WAITING = 128
_BACKLOG = 1024
_LENGTH = 2


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What clients may hold: connections in all and of one address; `idle` is in seconds (RFC 7766 6.2.3)."""

    connections: int = 4096
    per_client: int = 256
    idle: float = 10.0


class TcpListener:
    """Answers connections on one address and port; `address` is where it listens, with the port that it got."""

    def __init__(
        self, host: str, port: int, resolver: Resolver, clock: Callable[[], float], limits: Limits | None = None
    ) -> None:
        self.hot: Table[Hot] = Table()
        self.resolver = resolver
        self.clock = clock
        self.limits = limits or Limits()
        self.address = (host, port)
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._connections: set[_Connection] = set()
        self._clients: Counter[str] = Counter()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    async def open(self) -> None:
        """Begin to accept; OSError when the address cannot be had."""
        loop = asyncio.get_running_loop()
        host, port = self.address
        self._server = await loop.create_server(lambda: _Connection(self), host, port, backlog=_BACKLOG)
        self.address = self._server.sockets[0].getsockname()[:2]
        self._sweeper = loop.call_later(_SWEEP_SECONDS, self._on_sweep)

    async def close(self, seconds: float) -> None:
        """Accept no more, answer what was asked within `seconds`, and end every connection."""
        if self._server is not None:
            self._server.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
        waiting = {task for connection in self._connections for task in connection.waiting}
        if waiting:
            await asyncio.wait(waiting, timeout=seconds)
        for connection in tuple(self._connections):
            connection.finish()

    def admit(self, connection: "_Connection", client: str) -> bool:
        """Take in a connection; False when there are too many, in all or from its client."""
        if len(self._connections) >= self.limits.connections or self._clients[client] >= self.limits.per_client:
            return False
        self._connections.add(connection)
        self._clients[client] += 1
        return True

    def dismiss(self, connection: "_Connection", client: str) -> None:
        """Forget a connection that was admitted and has ended."""
        if connection in self._connections:
            self._connections.discard(connection)
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    def sweep(self) -> None:
        """End the connections whose deadline has passed."""
        now = self.clock()
        for connection in tuple(self._connections):
            connection.check(now)

    def _on_sweep(self) -> None:
        self.sweep()
        self._sweeper = asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._on_sweep)


class _Connection(asyncio.Protocol):
    """One client's connection. `deadline` is when its next message must be whole, or its answers taken."""

    def __init__(self, listener: TcpListener) -> None:
        self.hot = listener.hot
        self.waiting: set[asyncio.Task[None]] = set()
        self._listener = listener
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._client = Client("", 0, "tcp", "", 0)
        self._deadline = 0.0
        self._blocked = False
        self._ended = False

    def limit(self, edns: Edns | None) -> int:
        """Return how many octets a response may have."""
        return TCP_SIZE

    def client(self, peer: object) -> Client:
        """Return who asks."""
        return self._client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Admit the client, or end the connection at once."""
        self._transport = transport  # type: ignore[assignment]  # a TCP connection's transport can be written to
        peer = transport.get_extra_info("peername") or ("", 0)
        local = transport.get_extra_info("sockname") or ("", 0)
        self._client = Client(peer[0], peer[1], "tcp", local[0], local[1])
        self._deadline = self._listener.clock() + self._listener.limits.idle
        if not self._listener.admit(self, self._client.address):
            transport.abort()  # type: ignore[attr-defined]  # as above

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client, and what is still being worked out for it."""
        self._listener.dismiss(self, self._client.address)
        for task in self.waiting:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer every message that is whole now, with one write."""
        self._buffer = self._buffer + data if self._buffer else data
        self._work()

    def eof_received(self) -> bool:
        """Keep the connection for as long as answers are being worked out: the client may still read."""
        self._ended = True
        return bool(self.waiting)

    def _work(self) -> None:
        """Answer the whole messages in the buffer, for as long as not too many wait already."""
        buffer = self._buffer
        answers: list[bytes] = []
        position = 0
        while len(buffer) - position >= _LENGTH and len(self.waiting) < _MOST_WAITING:
            end = position + _LENGTH + (buffer[position] << 8 | buffer[position + 1])
            if len(buffer) < end:
                break
            self._answer(buffer[position + _LENGTH : end], answers)
            position = end
        self._buffer = buffer[position:]
        if position:
            self._deadline = self._listener.clock() + self._listener.limits.idle
        if answers:
            self._write(b"".join(answers))

    def pause_writing(self) -> None:
        """Read nothing more from a client that does not take its answers."""
        self._blocked = True
        self._deadline = self._listener.clock() + self._listener.limits.idle
        self._pause()

    def resume_writing(self) -> None:
        """Go on reading."""
        self._blocked = False
        self._deadline = self._listener.clock() + self._listener.limits.idle
        self._resume()

    def check(self, now: float) -> None:
        """End the connection when its deadline has passed and nothing is being worked out for it."""
        if self._transport is None or now < self._deadline:
            return
        if self._blocked:
            self._transport.abort()
        elif not self.waiting:
            self._transport.close()

    def finish(self) -> None:
        """End the connection once what was written has left."""
        if self._transport is not None:
            self._transport.close()

    def _answer(self, message: bytes, answers: list[bytes]) -> None:
        hot = self.hot.get(message[2:])
        if hot is not None and hot.cell[0]:
            response = hot.again(message)
            answers += (len(response).to_bytes(2), response)
            return
        resolved = self._listener.resolver.resolve(message, self, None)
        if isinstance(resolved, bytes):
            answers += (len(resolved).to_bytes(2), resolved)
        elif resolved is not None:
            self._answer_later(resolved)

    def _answer_later(self, response: Awaitable[bytes]) -> None:
        task = asyncio.get_running_loop().create_task(self._write_later(response))
        self.waiting.add(task)
        task.add_done_callback(self._answered)
        if len(self.waiting) >= _MOST_WAITING:
            self._pause()

    def _answered(self, task: asyncio.Task[Any]) -> None:
        self.waiting.discard(task)
        self._deadline = self._listener.clock() + self._listener.limits.idle
        if self._transport is None or self._transport.is_closing():
            return
        self._work()
        if self._ended and not self.waiting:
            self._transport.close()
        elif not self._blocked and len(self.waiting) < _MOST_WAITING:
            self._resume()

    async def _write_later(self, response: Awaitable[bytes]) -> None:
        answer = await response
        self._write(len(answer).to_bytes(2) + answer)

    def _write(self, octets: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(octets)

    def _pause(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
