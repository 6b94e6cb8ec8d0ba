"""The HTTP pages of the process: health, readiness, metrics, status.

Strangers may reach this port, so a connection carries one request and lives for `deadline` seconds at most, and there
are never more than `limit` of them: a new one pushes out the oldest. That bounds what slow, idle and endless clients
can hold, and a probe is never turned away for their sake. An answer that goes on may do so for `endurance` seconds, and
ends earlier when its client takes nothing for a while.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from fedresolver.chain.plugin import Response, Route, Visit
from fedresolver.server.port import shared

if TYPE_CHECKING:
    from aiohttp import web

_BACKLOG = 32
_SHUTDOWN = 1.0
_MAX_LINE = 4096
_MAX_HEADERS = 64
_METHODS = ("GET", "HEAD")
_WRONG_NAME = Response(421, b"421 this page is not served under that name; ask it by its address\n")
_NOT_FOUND = Response(404, b"404 page not found\n")
_NOT_ALLOWED = Response(405, b"405 only GET and HEAD are allowed\n")
_BROKEN = Response(500, b"500 internal server error\n")
_log = logging.getLogger("fedresolver")
_strangers = logging.getLogger("fedresolver.http.strangers")
_strangers.disabled = True  # aiohttp would log a traceback for every request that is not HTTP


class HttpListener:
    """Answers GET and HEAD of `routes` on one address; an empty host is every address, IPv4 and IPv6.

    `routes` may be replaced at any time; a port of 0 is any free one. A connection is dropped after `deadline` seconds,
    or when it is the oldest of more than `limit`.
    """

    def __init__(
        self, host: str, port: int, deadline: float = 10.0, limit: int = 256, endurance: float = 3600.0
    ) -> None:
        self.host = host
        self.port = port
        self.deadline = deadline
        self.limit = limit
        self.endurance = endurance
        self.routes: list[Route] = []
        self._http: web.Server | None = None
        self._server: asyncio.Server | None = None
        self._connections: dict[web.RequestHandler, asyncio.TimerHandle] = {}

    @property
    def address(self) -> tuple[str, int]:
        """The host and the port that it listens on; those it was made with while it is not open."""
        if self._server is None:
            return self.host, self.port
        name: tuple[str, int] = self._server.sockets[0].getsockname()
        return name[0], name[1]

    @property
    def sockets(self) -> Sequence[socket.socket]:
        """What it listens with; nothing while it is not open."""
        return () if self._server is None else self._server.sockets

    async def open(self, leaving: Iterable[socket.socket] = ()) -> None:
        """Listen; OSError, which names the address, when it cannot be had. `leaving` may still have the same port."""
        from aiohttp import web  # 35 MiB that a server without pages does not need

        self._http = web.Server(
            self._answer,
            handler_cancellation=True,
            access_log=None,
            logger=_strangers,
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_LINE,
            max_headers=_MAX_HEADERS,
            lingering_time=0,
        )
        listening = await self._listen(leaving)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, sock=listening, backlog=_BACKLOG)

    async def _listen(self, leaving: Iterable[socket.socket]) -> socket.socket:
        try:
            if not self.host and socket.has_dualstack_ipv6():
                return _bound(socket.AF_INET6, ("::", self.port), leaving)
            family, address = await _first_address(self.host, self.port)
            return _bound(family, address, leaving)
        except OSError as error:
            place = f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"
            raise OSError(error.errno, f"cannot listen on {place}: {_reason(error)}") from error

    async def close(self) -> None:
        """Stop listening and drop what is still connected."""
        if self._server is None or self._http is None:
            return
        self._server.close()
        for connection in tuple(self._connections):
            self._drop(connection)
        await self._http.shutdown(_SHUTDOWN)
        await self._server.wait_closed()
        self._server = self._http = None

    def _connection(self) -> asyncio.Protocol:
        assert self._http is not None
        while len(self._connections) >= self.limit:
            self._drop(next(iter(self._connections)))
        connection = self._http()
        loop = asyncio.get_running_loop()
        self._connections[connection] = loop.call_later(self.deadline, self._drop, connection)
        return connection

    def _drop(self, connection: "web.RequestHandler") -> None:
        self._connections.pop(connection).cancel()
        if connection.transport is not None:
            connection.transport.abort()

    async def _answer(self, request: "web.BaseRequest") -> "web.StreamResponse":
        from aiohttp import web

        response = await self._response(request)
        headers = {"Content-Type": response.content_type, "Server": "fedresolver", **dict(response.headers)}
        if response is _NOT_ALLOWED:
            headers["Allow"] = ", ".join(_METHODS)
        if response.stream is not None and request.method == "GET":
            return await self._flow(request, response, headers)
        answer = web.Response(status=response.status, body=response.body, headers=headers)
        answer.force_close()
        return answer

    async def _flow(
        self, request: "web.BaseRequest", response: Response, headers: dict[str, str]
    ) -> "web.StreamResponse":
        """Send an answer that goes on, piece by piece as its client takes it."""
        from aiohttp import web

        answer = web.StreamResponse(status=response.status, headers=headers)
        answer.force_close()
        await answer.prepare(request)
        connection = request.protocol
        self._let_live(connection, self.endurance)
        await answer.write(response.body)
        assert response.stream is not None
        async with aclosing(response.stream) as pieces:  # it ends with its client, not when it is collected
            async for piece in pieces:
                async with asyncio.timeout(self.deadline):
                    await answer.write(piece)
        return answer

    def _let_live(self, connection: "web.RequestHandler", seconds: float) -> None:
        """Drop a connection when these seconds have passed, and not earlier."""
        timer = self._connections.get(connection)
        if timer is not None:
            timer.cancel()
            loop = asyncio.get_running_loop()
            self._connections[connection] = loop.call_later(seconds, self._drop, connection)

    async def _response(self, request: "web.BaseRequest") -> Response:
        route = next((route for route in self.routes if route.path == request.path), None)
        if route is None:
            return _NOT_FOUND
        if request.method not in _METHODS:
            return _NOT_ALLOWED
        if route.names and _name_of(request.headers.get("Host", "")) not in route.names:
            return _WRONG_NAME
        try:
            return await route.respond(Visit(request.headers.get("Accept", ""), dict(request.query)))
        except Exception:  # the boundary: a page that fails is a 500, and never more
            _log.exception("http: %s failed", route.path)
            return _BROKEN


def _name_of(host: str) -> str:
    """Return what a Host header calls us, without the port and the brackets of an IPv6 address (RFC 9110 7.2)."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _bound(family: int, address: tuple[object, ...], leaving: Iterable[socket.socket]) -> socket.socket:
    """Return a socket that listens; one at the IPv6 wildcard listens for IPv4 too."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, address[0] != "::")
        with shared(sock, cast("int", address[1]), leaving):
            sock.bind(address)
            sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _reason(error: OSError) -> str:
    """Return the system's own words: asyncio and `socket` add to them."""
    return error.strerror or "" if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)


async def _first_address(host: str, port: int) -> tuple[int, tuple[object, ...]]:
    """Return the family and the address to bind of `host`; of several the IPv4 one, as localhost is usually meant."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, address
