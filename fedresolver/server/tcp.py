"""TCP: messages behind their length, answered as they come (RFC 7766).

All the whole messages that were read are answered with one write. Nothing a client does can hold more than its own
connection: there is a deadline for each message to be complete and for each answer to be taken, and a limit on
connections, in all and per address. Who sends many queries at once is answered a burst at a time, in turn with others,
and is read again when those are worked off; who does not take the answers is neither read nor answered.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from fedresolver.chain.handler import Client
from fedresolver.chain.plugin import Encryption
from fedresolver.server.hot import Hot
from fedresolver.server.port import Address, shared, unbound
from fedresolver.server.resolve import Messages, Pending, Resolver
from fedresolver.server.table import Table
from fedresolver.wire.framing import LENGTH, message_end
from fedresolver.wire.query import Edns
from fedresolver.wire.response import TCP_SIZE

_SWEEP_SECONDS = 1.0
_MOST_WAITING = 128
_BURST = 256
"""How many messages of a connection are answered before others have their turn."""
_MOST_AT_ONCE = 256 * 1024
"""How many octets of answers may be made before it is seen whether the client takes them."""
_BACKLOG = 1024
_LAST_TURNS = 6
"""Turns of the event loop in which a connection that is in the backlog is accepted, and what it sent is read."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What clients may hold: connections in all and of one address; `idle` is in seconds (RFC 7766 6.2.3)."""

    connections: int = 4096
    per_client: int = 256
    idle: float = 10.0


class TcpListener:
    """Answers connections on one address and port; `address` is where it listens, with the port that it got.

    OSError when the address cannot be had. `ours` are sockets of this process: they may have the same port.
    """

    def __init__(
        self,
        address: Address,
        resolver: Resolver,
        clock: Callable[[], float],
        ours: Iterable[socket.socket] = (),
        limits: Limits | None = None,
        encryption: Encryption | None = None,
    ) -> None:
        self.encryption = encryption
        self.hot = Table[Hot]()
        self.resolver = resolver
        self.clock = clock
        self.limits = limits or Limits()
        self.socket = _listening(address, ours)
        self.address: Address = self.socket.getsockname()[:2]
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._connections: set[_Connection] = set()
        self._clients: Counter[str] = Counter()

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    async def open(self) -> None:
        """Begin to accept."""
        loop = asyncio.get_running_loop()
        tls = None if self.encryption is None else self.encryption.context("dot")
        self._server = await loop.create_server(lambda: _Connection(self), sock=self.socket, backlog=_BACKLOG, ssl=tls)
        self._sweeper = loop.call_later(_SWEEP_SECONDS, self._on_sweep)

    async def close(self, seconds: float) -> None:
        """Accept no more, answer what was asked within `seconds`, and end every connection."""
        if self._server is None or self._sweeper is None:
            self.socket.close()
            return
        for _ in range(_LAST_TURNS):
            await asyncio.sleep(0)
        self._server.close()
        self._sweeper.cancel()
        connections = tuple(self._connections)
        for connection in connections:
            connection.finish()
        if connections:
            await asyncio.wait([connection.lost for connection in connections], timeout=seconds)
        await asyncio.gather(*[connection.abort() for connection in connections])

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
    """One client's connection. `lost` is done when it has ended.

    Its deadline is when the next message must be whole, or its answers taken. `_blocked` is while the client does not
    take them, `_ended` when nothing more will be read.
    """

    def __init__(self, listener: TcpListener) -> None:
        self.hot = listener.hot
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._listener = listener
        self._transport: asyncio.Transport
        self._client = Client("", 0, "tcp", "", 0)
        self._buffer = b""
        self._waiting: set[Pending] = set()
        self._transfers: list[Messages] = []
        self._turn: asyncio.Handle | None = None
        self._sending: asyncio.Handle | None = None
        self._blocked = False
        self._ended = False
        self._postpone()

    def limit(self, edns: Edns | None, udp_size: int = 0) -> int:
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
        if not self._listener.admit(self, self._client.address):
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client, and what is still being worked out for it."""
        self._listener.dismiss(self, self._client.address)
        self.lost.set_result(None)
        self._transfers.clear()
        while self._waiting:
            self._waiting.pop().cancel()

    def data_received(self, data: bytes) -> None:
        """Answer the messages that are whole now."""
        self._buffer = self._buffer + data if self._buffer else data
        if self._turn is None:
            self._work()

    def eof_received(self) -> bool:
        """Keep the connection for as long as there are answers to come: the client may still read."""
        self.finish()
        return True

    def pause_writing(self) -> None:
        """Read and answer nothing more of a client that does not take its answers."""
        self._blocked = True
        self._postpone()

    def resume_writing(self) -> None:
        """Go on."""
        self._blocked = False
        self._postpone()
        self._transfer_soon()
        self._go_on()

    def check(self, now: float) -> None:
        """End the connection when its deadline has passed and nothing is being worked out for it."""
        if now < self._deadline:
            return
        if self._blocked:
            self._transport.abort()
        elif not self._is_owed:
            self._transport.close()

    def finish(self) -> None:
        """Read no more, and end the connection when all that was asked is answered."""
        self._ended = True
        self._go_on()

    async def abort(self) -> None:
        """End the connection now, and return when nothing is left of it."""
        self._transport.abort()
        await self.lost

    def _postpone(self) -> None:
        self._deadline = self._listener.clock() + self._listener.limits.idle

    def _work(self) -> None:
        """Answer a burst of messages with one write."""
        self._turn = None
        answers: list[bytes] = []
        position = octets = 0
        for _ in range(_BURST):
            end = message_end(self._buffer, position)
            if not end or octets > _MOST_AT_ONCE or len(self._waiting) + len(self._transfers) >= _MOST_WAITING:
                break
            answer = self._answer(self._buffer[position + LENGTH : end])
            if answer is not None:
                answers += (len(answer).to_bytes(2), answer)
                octets += len(answer)
            position = end
        if position:
            self._buffer = self._buffer[position:]
            self._postpone()
        if answers and not self._transport.is_closing():
            self._transport.write(b"".join(answers))
        self._go_on()

    def _go_on(self) -> None:
        """Read on, answer what is in the buffer in the next turn of the loop, wait, or end: whatever is due."""
        if self._transport.is_closing():
            return
        if self._blocked or len(self._waiting) + len(self._transfers) >= _MOST_WAITING:
            self._transport.pause_reading()
        elif message_end(self._buffer, 0):
            self._transport.pause_reading()
            self._turn = self._turn or asyncio.get_running_loop().call_soon(self._work)
        elif not self._ended:
            self._transport.resume_reading()
        elif not self._is_owed:
            self._transport.close()

    @property
    def _is_owed(self) -> bool:
        """Whether there are answers to come."""
        return bool(self._waiting or self._transfers)

    def _answer(self, message: bytes) -> bytes | None:
        """Return the answer to a message; None when it deserves none, or gets it later."""
        hot = self.hot.get(message[2:])
        if hot is not None:
            answer = self._listener.resolver.again(message, hot, self, None)
        else:
            answer = self._listener.resolver.resolve(message, self, None)
        if answer is None or isinstance(answer, bytes):
            return answer
        if isinstance(answer, Pending):
            self._waiting.add(answer)
            answer.start(self._write_later)
        else:
            self._transfers.append(answer)
            self._transfer_soon()
        return None

    def _write_later(self, pending: Pending, answer: bytes | Messages | None) -> None:
        self._waiting.discard(pending)
        if isinstance(answer, bytes):
            self._write(answer)
        elif answer is not None:
            self._transfers.append(answer)
            self._transfer_soon()
        self._postpone()
        self._go_on()

    def _write(self, message: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(len(message).to_bytes(2) + message)

    def _transfer_soon(self) -> None:
        """Send the next message of a transfer when others have had their turn, and the client takes it."""
        if self._transfers and self._sending is None and not self._blocked:
            self._sending = asyncio.get_running_loop().call_soon(self._transfer)

    def _transfer(self) -> None:
        self._sending = None
        if self._transport.is_closing():
            self._transfers.clear()
            return
        try:
            message = next(self._transfers[0], None)
        except Exception:  # it is told where the messages are made; what was sent must not be taken for all
            self._transport.abort()
            return
        if message is None:
            self._transfers.pop(0)
            self._go_on()
        else:
            self._write(message)
            self._postpone()
        self._transfer_soon()


def _listening(address: Address, ours: Iterable[socket.socket]) -> socket.socket:
    sock = unbound(socket.SOCK_STREAM, address[0])
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that linger do not stop a restart
        with shared(sock, address[1], ours):
            sock.bind(address)
            sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock
