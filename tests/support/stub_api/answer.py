"""An answer as a value: what a lie changes, and what goes out at last."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import msgspec
from aiohttp import web

_JSON = {"Content-Type": "application/json"}
Body = AsyncGenerator[bytes, None]
_LINGER_NOT = struct.pack("ii", 1, 0)


class ResetError(Exception):
    """Raised by a body which ends with a reset of the connection."""


class Answer(msgspec.Struct, frozen=True):
    """`length` is the Content-Length that is claimed, in octets; None sends the body in chunks.

    `last` closes the connection after the answer.
    """

    body: Body
    status: int = 200
    headers: Mapping[str, str] = msgspec.field(default_factory=lambda: _JSON)
    length: int | None = None
    last: bool = False


async def whole(octets: bytes) -> Body:
    """Give a body of one piece."""
    yield octets


def json_answer(value: object, status: int = 200) -> Answer:
    """Return an answer whose body is `value` as JSON."""
    octets = msgspec.json.encode(value) + b"\n"
    return Answer(whole(octets), status, length=len(octets))


async def send(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Send the answer, piece by piece as its body gives them."""
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    if answer.length is None:
        response.enable_chunked_encoding()
    else:
        response.content_length = answer.length
    if answer.last:
        response.force_close()
    try:
        await response.prepare(request)
        async with aclosing(answer.body) as body:
            async for octets in body:
                await response.write(octets)
        await response.write_eof()
    except ResetError:
        reset(request.transport)
    except ConnectionResetError:
        pass  # the client has gone
    return response


def reset(transport: asyncio.BaseTransport | None) -> None:
    """End a connection with RST."""
    if isinstance(transport, asyncio.WriteTransport):
        sock = transport.get_extra_info("socket")
        if sock is not None:  # under TLS there is none any more once the connection ends
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        transport.abort()
