"""A TLS server that tells who its clients are."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fedresolver.watch.access.entry import Entry
from tests.support.encrypted import serving

ADDRESS = "127.0.0.1"


@asynccontextmanager
async def tls_server(certificate: Path, key: Path, clients: Path | None = None) -> AsyncIterator[int]:
    """Give the port of a server, which demands a certificate that `clients` has signed if it is given."""
    server = await asyncio.start_server(_greet, ADDRESS, 0, ssl=serving((certificate, key), clients))
    async with server:
        yield server.sockets[0].getsockname()[1]


async def greeted(entry: Entry, port: int) -> str:
    """Return whom the server takes us for, by the CN of our certificate, or nothing if it does not let us in.

    ssl.SSLCertVerificationError when we do not believe the server.
    """
    reader, writer = await asyncio.open_connection(
        ADDRESS, port, ssl=entry.tls, server_hostname=entry.server_name or ADDRESS
    )
    try:
        return (await reader.read()).decode()
    except (ssl.SSLError, ConnectionError):
        return ""
    finally:
        await _close(writer)


async def _greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    names = dict(pair for (pair,) in (writer.get_extra_info("peercert") or {}).get("subject", ()))
    writer.write(names.get("commonName", "nobody").encode())
    await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ssl.SSLError, ConnectionError):
        await writer.wait_closed()
