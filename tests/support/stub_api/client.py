"""Who asks a stub API server, to see what it says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec

from tests.support import manifests
from tests.support.deadline import SECONDS, until
from tests.support.stub_api.api import StubApi

Json = dict[str, Any]
SERVICES = "/api/v1/services"


class Client:
    """Asks a stub, and takes what it says."""

    def __init__(self, api: StubApi, session: aiohttp.ClientSession) -> None:
        self.api = api
        self._session = session

    @asynccontextmanager
    async def asked(
        self,
        path: str = SERVICES,
        headers: Mapping[str, str] | None = None,
        *,
        allow_redirects: bool = True,
        **query: object,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Give an answer as it is; `query` may have a name that is a word of Python with `_` behind it."""
        params = {name.rstrip("_"): str(value) for name, value in query.items()}
        async with self._session.get(
            self.api.url + path, params=params, headers=headers, allow_redirects=allow_redirects
        ) as answer:
            yield answer

    async def get(
        self, path: str = SERVICES, headers: Mapping[str, str] | None = None, **query: object
    ) -> tuple[int, Json]:
        """Return the status and the JSON of an answer, or its first line; empty where there is no JSON."""
        async with self.asked(path, headers, **query) as answer:
            octets = await answer.content.readline() if "watch" in query else await answer.read()
            return answer.status, msgspec.json.decode(octets) if answer.content_type == "application/json" else {}

    @asynccontextmanager
    async def watch(self, **query: object) -> AsyncIterator[AsyncIterator[Json]]:
        """Give the events of a watch as they come, once the headers are there."""
        async with self.asked(watch="true", **query) as answer:
            assert answer.status == 200
            yield _events(answer.content)

    async def told(self, **query: object) -> list[str]:
        """Return, in short, what a watch tells at its start, and the bookmark that it is asked for then."""
        async with self.asked(**{"watch": "true"} | query) as answer:
            await until(lambda: self.api.watching() or answer.content.is_eof())
            self.api.bookmark()
            self.api.disconnect()
            return [short(event) async for event in _events(answer.content)]


async def _events(content: aiohttp.StreamReader) -> AsyncIterator[Json]:
    while line := await content.readuntil(b"\n"):
        yield msgspec.json.decode(line)


def short(event: Json) -> str:
    """Return an event as `TYPE name revision`, or `ERROR code reason`."""
    thing = event["object"]
    if event["type"] == "ERROR":
        return f"ERROR {thing['code']} {thing['reason']}"
    end = " end" if thing["metadata"].get("annotations") else ""
    return f"{event['type']} {thing['metadata'].get('name', '-')} {thing['metadata']['resourceVersion']}{end}"


def asking(test: Callable[[Client], Awaitable[None]]) -> None:
    """Run a test of a stub with three Services, at the revisions 1001 to 1003."""

    async def run() -> None:
        async with (
            StubApi() as api,
            asyncio.timeout(SECONDS),
            aiohttp.ClientSession(auto_decompress=False, read_bufsize=8 << 20) as session,
        ):
            for name in ("cart", "desk", "farm"):
                api.put(manifests.service(name))
            await test(Client(api, session))

    asyncio.run(run())


def names(page: Json) -> list[str]:
    """Return the names of the items of a list."""
    return [item["metadata"]["name"] for item in page["items"]]
