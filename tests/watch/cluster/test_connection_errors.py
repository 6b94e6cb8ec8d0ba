"""What is told of a server that cannot be reached: where it is and why, and no password of a proxy."""

import asyncio
import ssl
import time

import pytest

from fedresolver.watch.access.entry import Entry
from fedresolver.watch.cluster.connection import Connection
from fedresolver.watch.cluster.pace import Pace
from fedresolver.watch.cluster.trouble import Trouble, TroubleError
from tests.e2e.authority import Authority
from tests.support.following import in_loop
from tests.support.running import free_ports
from tests.support.tls_server import tls_server

SECRET = "SeCrEt"


class By:
    """The way to a server, maybe by a proxy."""

    def __init__(self, server: str, proxy: str = "") -> None:
        self._entry = Entry(server, tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), proxy=proxy)

    async def entry(self) -> Entry:
        return self._entry

    def rejected(self) -> None:
        """Have no other credentials."""


async def told(way: By) -> tuple[Trouble, str]:
    connection = Connection(way, Pace(6.0), time.monotonic)
    with pytest.raises(TroubleError) as caught:
        await connection.get("/version", {}, "application/json")
    await connection.close()
    return caught.value.trouble, str(caught.value)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("407 Proxy Authentication Required", "407 Proxy Authentication Required"),
        ("502 Bad Gateway", "502 Bad Gateway"),
        ("503", "503"),
    ],
)
def test_a_proxy_that_refuses(line, text):
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async def run() -> None:
        async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
            proxy = f"http://ann:{SECRET}@127.0.0.1:{server.sockets[0].getsockname()[1]}"
            assert await told(By("https://192.0.2.1:6443", proxy)) == (Trouble.BROKEN, f"GET /version: {text}")

    in_loop(run())


@pytest.mark.parametrize("proxied", [False, True], ids=["a server", "a proxy"])
def test_nobody_listens_where_there_should_be(proxied):
    here = f"127.0.0.1:{free_ports(1)[0]}"
    way = By("https://192.0.2.1:6443", f"http://ann:{SECRET}@{here}") if proxied else By(f"https://{here}")

    async def run() -> None:
        assert await told(way) == (Trouble.DIAL, f"GET /version: {here}: Connection refused")

    in_loop(run())


def test_a_server_that_is_not_believed(tmp_path):
    certificate = Authority(tmp_path).server("server", "127.0.0.1")

    async def run() -> None:
        async with tls_server(*certificate) as port:
            trouble, text = await told(By(f"https://127.0.0.1:{port}"))
        assert trouble is Trouble.TLS
        assert text.startswith(f"GET /version: 127.0.0.1:{port}: certificate verify failed: ")

    asyncio.run(run())


def test_a_server_that_speaks_no_tls():
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"hello\n")
        writer.close()

    async def run() -> None:
        async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            trouble, text = await told(By(f"https://127.0.0.1:{port}"))
        assert trouble is Trouble.TLS
        assert text.startswith(f"GET /version: 127.0.0.1:{port}: ")
        assert "SSLContext" not in text

    in_loop(run())
