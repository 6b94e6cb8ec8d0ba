"""What speaks HTTP badly, or not at all: a request to it ends with a trouble, in time, and holds up nobody."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from fedresolver.watch.access.entry import AccessError, Entry
from fedresolver.watch.cluster.connection import Connection
from fedresolver.watch.cluster.pace import Pace
from fedresolver.watch.cluster.trouble import Trouble, TroubleError, one_line
from tests.support.following import Door, in_loop
from tests.support.stub_api import lies
from tests.support.stub_api.api import StubApi

PACE = Pace(1.5)
JSON = "application/json"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SECONDS = 6.0
Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def speaking(speak: Speak) -> AsyncIterator[str]:
    """Give the URL of a server each of whose connections is left to `speak`."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        try:
            await speak(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            tasks.discard(asyncio.current_task())

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


def saying(first: bytes, again: bytes = b"", seconds: float = 0.0) -> Speak:
    """Return who says something to each request, then `again` for ever; without it, closes."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(first)
        while again:
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(seconds)
        await writer.drain()

    return speak


async def nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


def connection(url: str) -> Connection:
    return Connection(Door(url), PACE, time.monotonic)


@pytest.mark.parametrize(
    ("speak", "trouble"),
    [
        pytest.param(saying(b""), Trouble.BROKEN, id="closes at once"),
        pytest.param(saying(b"\x16\x03\x01 what?\r\n\r\n"), Trouble.BROKEN, id="no HTTP"),
        pytest.param(saying(b"HTTP/9.9 abc\r\n\r\n"), Trouble.BROKEN, id="no status"),
        pytest.param(saying(b"SSH-2.0-OpenSSH_9.2p1\r\n"), Trouble.BROKEN, id="SSH"),
        pytest.param(saying(HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n"), Trouble.BROKEN, id="a header too large"),
        pytest.param(saying(HEAD, b"X: y\r\n" * 10_000), Trouble.BROKEN, id="headers without end"),
        pytest.param(saying(HEAD + b"X: ", b"y" * 60_000), Trouble.BROKEN, id="a header without end"),
        pytest.param(saying(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), Trouble.TIMEOUT, id="Continue, for ever"),
        pytest.param(saying(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", b"x", 0.1), Trouble.REFUSED, id="101"),
        pytest.param(saying(HEAD + b"Content-Length: x\r\n\r\n{}"), Trouble.BROKEN, id="no length"),
        pytest.param(saying(HEAD + b"Content-Length: -1\r\n\r\n{}"), Trouble.BROKEN, id="a negative length"),
        pytest.param(saying(HEAD + b"Content-Length: 9\r\n\r\n{}"), Trouble.BROKEN, id="a length that is not reached"),
        pytest.param(
            saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), Trouble.BROKEN, id="a chunk of no size"
        ),
        pytest.param(
            saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"f" * 60_000), Trouble.BROKEN, id="a size without end"
        ),
        pytest.param(
            saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;", b"x" * 60_000),
            Trouble.TIMEOUT,
            id="an extension without end",
        ),
        pytest.param(
            saying(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n" * 10_000),
            Trouble.BROKEN,
            id="trailers without end",
        ),
        pytest.param(saying(HEAD + b"Content-Encoding: br\r\n\r\n{}"), Trouble.DAMAGED, id="compressed"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\n", b"X", 0.05), Trouble.TIMEOUT, id="a head that never ends"),
        pytest.param(saying(HEAD + b"\r\n", b" ", 0.0001), None, id="a body without end, slowly"),
        pytest.param(nothing, Trouble.TIMEOUT, id="silence"),
    ],
)
def test_a_request_to_what_speaks_no_http(speak, trouble):
    async def run() -> None:
        async with speaking(speak) as url:
            asked = connection(url)
            worst = 0.0

            async def tick() -> None:
                nonlocal worst
                while True:
                    began = time.thread_time()  # of this thread alone, however busy the machine is
                    await asyncio.sleep(0.005)
                    worst = max(worst, time.thread_time() - began)

            timer = asyncio.create_task(tick())
            try:
                with pytest.raises(TroubleError) as caught:
                    async with asyncio.timeout(SECONDS):
                        await asked.get("/", {}, JSON, 2_000)
                assert caught.value.trouble is (trouble or Trouble.TOO_LARGE)
                assert len(str(caught.value)) < 400
                assert str(caught.value).isprintable()
                assert worst < 0.5
            finally:
                timer.cancel()
                await asked.close()

    in_loop(run())


def test_the_watch_has_nothing_to_say_for_longer_than_a_list_may_be_silent():
    async def run() -> None:
        async with StubApi() as api:
            asked = connection(api.url)
            query = {"watch": "1", "timeoutSeconds": "2", "resourceVersion": "1000"}
            async with asked.lines("/api/v1/services", query, JSON, 5, None) as lines:
                assert [line async for line in lines] == []
            await asked.close()

    in_loop(run())


def test_what_fails_where_an_answer_is_used_is_not_the_network():
    async def run() -> None:
        async with StubApi() as api:
            asked = connection(api.url)
            for error in (TimeoutError(), OSError("a disk"), ssl.SSLError("of somebody else")):
                with pytest.raises(type(error)) as caught:
                    async with asked.lines("/api/v1/services", {"watch": "1"}, JSON, 5, None):
                        raise error
                assert caught.value is error
            await asked.close()

    in_loop(run())


def test_no_request_goes_out_without_credentials():
    class Locked(Door):
        async def entry(self) -> Entry:
            raise AccessError("the plugin failed")

    async def run() -> None:
        async with StubApi() as api:
            asked = Connection(Locked(api.url), PACE, time.monotonic)
            with pytest.raises(TroubleError, match="the plugin failed") as caught:
                await asked.get("/version", {}, JSON)
            assert caught.value.trouble is Trouble.UNAUTHORIZED
            assert api.requests == []
            await asked.close()

    in_loop(run())


def test_a_name_that_nobody_has_is_no_address_and_one_that_the_system_knows_is():
    async def run() -> None:
        async with StubApi() as api:
            known = connection(api.url.replace("127.0.0.1", "localhost"))
            await known.ping()
            assert known.contact > 0
            await known.close()
            asked = connection("http://no.such.host.invalid:1")
            with pytest.raises(TroubleError) as caught:
                await asked.get("/", {}, JSON)
            assert caught.value.trouble in {Trouble.DIAL, Trouble.TIMEOUT}
            await asked.close()

    in_loop(run())


def test_no_cookie_is_kept_and_no_proxy_taken_from_the_environment(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    seen: list[bytes] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(HEAD + b"Set-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}")

    async def run() -> None:
        async with speaking(speak) as url:
            asked = connection(url)
            for _ in range(2):
                assert await asked.get("/", {}, JSON) == b"{}"
            await asked.close()

    in_loop(run())
    assert len(seen) == 2
    assert b"Cookie" not in seen[1]
    assert b"Accept-Encoding: identity" in seen[1]


def test_tls_that_never_comes_to_an_end_is_given_up_soon():
    async def run() -> None:
        async with speaking(nothing) as url:
            asked = connection(url.replace("http:", "https:"))
            began = time.monotonic()
            with pytest.raises(TroubleError) as caught:
                await asked.get("/", {}, JSON)
            assert caught.value.trouble in {Trouble.DIAL, Trouble.TIMEOUT}
            assert time.monotonic() - began < 3
            await asked.close()

    in_loop(run())


def test_a_server_that_speaks_no_tls():
    async def run() -> None:
        async with StubApi() as api:
            asked = connection(api.url.replace("http:", "https:"))
            with pytest.raises(TroubleError) as caught:
                await asked.get("/", {}, JSON)
            assert caught.value.trouble is Trouble.TLS
            await asked.close()

    in_loop(run())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("all  is\nwell", "all is well"),
        ("\x1b[31mred", "'\\x1b[31mred'"),
        ("x" * 1000, "x" * 300),
    ],
)
def test_what_others_wrote_stands_in_one_line(text, line):
    assert one_line(text) == line


def test_what_a_server_says_of_its_refusal_is_passed_on_in_one_line():
    async def run() -> None:
        async with StubApi() as api:
            api.lies.tell(lies.refused(500, "etcd\nis away"))
            asked = connection(api.url)
            with pytest.raises(TroubleError, match="GET /version: 500: etcd is away"):
                await asked.get("/version", {}, JSON)
            await asked.close()

    in_loop(run())


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Wed, 25 Nov 2026 22:44:57 GMT", 1795646697.0),
        ("yesterday", None),
        ("", None),
        ("Wed, 25 Nov 99999999999 22:44:57 GMT", None),
    ],
)
def test_the_time_of_the_server(date, expected):
    async def run() -> None:
        async with speaking(saying(HEAD + f"Date: {date}\r\n\r\n".encode() + b"{}")) as url:
            asked = connection(url)
            with suppress(TroubleError):
                await asked.get("/version", {}, "application/json")
            assert (None if asked.dated is None else asked.dated[0]) == expected
            await asked.close()

    in_loop(run())


FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 22\r\n\r\n"


async def by_and_by(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    for part in (FORBIDDEN, b'{"message"', b': "no role"}'):
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.05)  # so that they come as parts


async def held_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(FORBIDDEN)
    await reader.read()


@pytest.mark.parametrize(
    ("speak", "text"),
    [
        pytest.param(by_and_by, "GET /x: 403: no role", id="in parts"),
        pytest.param(saying(FORBIDDEN + b'{"message"'), "GET /x: 403", id="cut off"),
        pytest.param(saying(FORBIDDEN), "GET /x: 403", id="closed before it"),
        pytest.param(held_back, "GET /x: 403", id="never comes"),
    ],
)
def test_the_status_of_a_refusal_counts_whatever_becomes_of_its_text(speak, text):
    async def run() -> None:
        async with speaking(speak) as url:
            asked = connection(url)
            with pytest.raises(TroubleError) as caught:
                async with asyncio.timeout(SECONDS):
                    await asked.get("/x", {}, JSON)
            await asked.close()
        assert (caught.value.trouble, str(caught.value)) == (Trouble.FORBIDDEN, text)

    in_loop(run())
