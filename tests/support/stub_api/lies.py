"""The lies: values for `StubApi.lies.tell`, each told in place of an answer or around it."""

import asyncio
import zlib
from collections.abc import Callable
from typing import Any

import msgspec

from tests.support.stub_api.answer import Answer, Body, ResetError, whole
from tests.support.stub_api.call import Call
from tests.support.stub_api.lie import Handler, Lie
from tests.support.stub_api.status import status

_BLOCK = 1 << 16
_CROWD = 10_000  # items in one piece of a body


def refused(code: int, message: str = "the stub says no", **headers: str) -> Lie:
    """Refuse with a code; a header is given as `retry_after="1"`."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}

    def answer(_: Call) -> Answer:
        return Answer(
            whole(msgspec.json.encode(status(code, message))), code, {"Content-Type": "application/json"} | named
        )

    return _instead(answer)


def redirected(url: str) -> Lie:
    """Send the client to another host, with the path that it asked for."""

    def answer(call: Call) -> Answer:
        return Answer(whole(b""), 307, {"Location": url + call.path})

    return _instead(answer)


def body(octets: bytes) -> Lie:
    """Answer 200 with these octets."""
    return _instead(lambda _: Answer(whole(octets), length=len(octets)))


def silent() -> Lie:
    """Take the request and never answer."""

    def lie(_: Handler) -> Handler:
        async def handle(_: Call) -> Answer:
            await _for_ever()
            raise AssertionError

        return handle

    return lie


def headers_only() -> Lie:
    """Answer the headers and never a body."""

    async def nothing() -> Body:
        await _for_ever()
        yield b""

    return _instead(lambda _: Answer(nothing()))


def late(seconds: float) -> Lie:
    """Answer honestly, but so late."""

    def lie(handler: Handler) -> Handler:
        async def handle(call: Call) -> Answer:
            await asyncio.sleep(seconds)
            return await handler(call)

        return handle

    return lie


def dribbled(octets: int, seconds: float = 0.0) -> Lie:
    """Send the first `octets` of the answer one by one, with `seconds` after each, and the others as they come."""

    async def spoil(honest: Body) -> Body:
        left = octets
        async for piece in honest:
            slow, rest = piece[:left], piece[left:]
            left -= len(slow)
            for index in range(len(slow)):
                yield slow[index : index + 1]
                await asyncio.sleep(seconds)
            if rest:
                yield rest

    return _around(spoil)


def truncated(octets: int, *, reset: bool = False) -> Lie:
    """End after `octets` of the answer although more was claimed, by closing the connection or with RST."""

    async def spoil(honest: Body) -> Body:
        left = octets
        async for piece in honest:
            if piece[:left]:
                yield piece[:left]
            left -= len(piece)
            if left <= 0:
                break
        if reset:
            raise ResetError

    def lie(handler: Handler) -> Handler:
        async def handle(call: Call) -> Answer:
            answer = await handler(call)
            claimed = answer.length or octets + _BLOCK
            return msgspec.structs.replace(answer, body=spoil(answer.body), length=claimed, last=True)

        return handle

    return lie


def edited(edit: Callable[[Any], object]) -> Lie:
    """Send what `edit` makes of the JSON of a list, or of each line of a watch."""

    async def spoil(honest: Body) -> Body:
        async for piece in honest:
            yield msgspec.json.encode(edit(msgspec.json.decode(piece))) + b"\n"

    return _around(spoil)


def gzipped() -> Lie:
    """Compress the answer, whatever was asked for."""

    async def spoil(honest: Body) -> Body:
        gzip = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
        async for piece in honest:
            yield gzip.compress(piece) + gzip.flush(zlib.Z_SYNC_FLUSH)
        yield gzip.flush()

    return _around(spoil, **{"Content-Encoding": "gzip"})


def endless_continue() -> Lie:
    """Say of each page of a list that there is one more: the same page again."""

    def lie(handler: Handler) -> Handler:
        async def handle(call: Call) -> Answer:
            query = {name: value for name, value in call.query.items() if name != "continue"}
            answer = await handler(msgspec.structs.replace(call, query=query))
            return await edited(_one_more)(_given(answer))(call)

        return handle

    return lie


def endless_body() -> Lie:
    """Answer a list with items that never end."""
    return _instead(lambda _: Answer(_repeated(b'{"metadata":{},"items":[{}', b",{}" * (_BLOCK // 3))))


def endless_line() -> Lie:
    """Answer a watch with one line that never ends."""
    return _instead(lambda _: Answer(_repeated(b'{"type":"ADDED","object":{"kind":"', b"x" * _BLOCK)))


def crowded(items: int = 1_000_000) -> Lie:
    """Answer a list with one page of so many tiny items, whatever the limit."""

    async def many() -> Body:
        yield b'{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":['
        for start in range(0, items, _CROWD):
            tiny = [b'{"metadata":{"name":"n%d"}}' % number for number in range(start, min(start + _CROWD, items))]
            yield (b"," if start else b"") + b",".join(tiny)
        yield b"]}"

    return _instead(lambda _: Answer(many()))


def _one_more(page: dict[str, Any]) -> object:
    return page | {"metadata": page["metadata"] | {"continue": "one-more"}}


def _given(answer: Answer) -> Handler:
    async def handle(_: Call) -> Answer:
        return answer

    return handle


def _instead(answer: Callable[[Call], Answer]) -> Lie:
    def lie(_: Handler) -> Handler:
        async def handle(call: Call) -> Answer:
            return answer(call)

        return handle

    return lie


def _around(spoil: Callable[[Body], Body], **headers: str) -> Lie:
    """Return the lie that changes the body on its way, and with it the length."""

    def lie(handler: Handler) -> Handler:
        async def handle(call: Call) -> Answer:
            answer = await handler(call)
            more = {**answer.headers, **headers}
            return msgspec.structs.replace(answer, body=spoil(answer.body), length=None, headers=more)

        return handle

    return lie


async def _repeated(first: bytes, block: bytes) -> Body:
    yield first
    while True:
        yield block


async def _for_ever() -> None:
    await asyncio.Event().wait()
