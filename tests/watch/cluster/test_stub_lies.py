"""The stub lies as it is told to, to whom it is told to, and is honest again after that."""

import asyncio
import gzip
import time

import aiohttp
import msgspec
import pytest

from tests.support import manifests
from tests.support.deadline import until
from tests.support.stub_api import lies, nonsense
from tests.support.stub_api.client import SERVICES, Client, asking, names

PATIENCE = 0.2
"""Seconds after which silence is believed."""


@pytest.mark.parametrize(
    ("lie", "status", "headers"),
    [
        pytest.param(lies.refused(500), 500, {"Content-Type": "application/json"}, id="500"),
        pytest.param(lies.refused(503), 503, {}, id="503"),
        pytest.param(lies.refused(429, retry_after="1"), 429, {"Retry-After": "1"}, id="429 and when to come again"),
        pytest.param(
            lies.redirected("http://192.0.2.1"), 307, {"Location": f"http://192.0.2.1{SERVICES}"}, id="a redirect"
        ),
    ],
)
def test_refusals(lie, status, headers):
    async def test(client: Client) -> None:
        client.api.lies.tell(lie)
        async with client.asked(allow_redirects=False) as answer:
            assert (answer.status, headers.items() <= answer.headers.items()) == (status, True)

    asking(test)


def test_lies_are_told_to_whom_and_how_often_it_is_wished():
    async def test(client: Client) -> None:
        client.api.lies.tell(lies.refused(500), resource="nodes")
        client.api.lies.tell(lies.refused(503), resource="services", verb="list", times=2)

        async def statuses() -> list[int]:
            asked = [("/api/v1/nodes", {}), (SERVICES, {}), (SERVICES, {"watch": "1", "resourceVersion": "1"})]
            return [(await client.get(path, **query))[0] for path, query in asked]

        assert await statuses() == [500, 503, 200]
        assert await statuses() == [500, 503, 200]
        assert await statuses() == [500, 200, 200]
        client.api.lies.end()
        assert await statuses() == [200, 200, 200]

    asking(test)


@pytest.mark.parametrize("octets", [pytest.param(octets, id=name) for name, octets in nonsense.LISTS.items()])
def test_any_octets_are_a_body(octets):
    async def test(client: Client) -> None:
        client.api.lies.tell(lies.body(octets))
        async with client.asked() as answer:
            assert await answer.read() == octets

    asking(test)


@pytest.mark.parametrize("line", [pytest.param(line, id=name) for name, line in nonsense.LINES.items()])
def test_any_octets_are_a_line_of_a_watch(line):
    async def test(client: Client) -> None:
        async with client.asked(watch=1, resourceVersion=1003) as answer:
            await until(client.api.watching)
            client.api.say(line)
            client.api.disconnect()
            assert await answer.read() == line

    asking(test)


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_list_is_truncated(reset):
    async def test(client: Client) -> None:
        client.api.lies.tell(lies.truncated(20, reset=reset))
        async with client.asked() as answer:
            assert len(await answer.content.readexactly(20)) == 20
            with pytest.raises((aiohttp.ClientError, OSError)):
                await answer.content.read()

    asking(test)


def test_an_answer_is_compressed_although_nobody_asked():
    async def test(client: Client) -> None:
        client.api.lies.tell(lies.gzipped())
        async with client.asked() as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert names(msgspec.json.decode(gzip.decompress(await answer.read()))) == ["cart", "desk", "farm"]

    asking(test)


def test_an_answer_is_edited():
    async def test(client: Client) -> None:
        client.api.lies.tell(lies.edited(lambda page: page | {"items": 5}), verb="list")
        client.api.lies.tell(lies.edited(lambda event: event | {"type": "NEWS"}), verb="watch")
        assert (await client.get())[1]["items"] == 5
        async with client.watch(resourceVersion=1002) as events:
            assert (await anext(events))["type"] == "NEWS"

    asking(test)


def test_there_is_always_one_more_page():
    async def test(client: Client) -> None:
        client.api.lies.tell(lies.endless_continue())
        _, page = await client.get(limit=2)
        _, again = await client.get(limit=2, continue_=page["metadata"]["continue"])
        assert again == page

    asking(test)


@pytest.mark.parametrize("lie", [lies.endless_body(), lies.endless_line()], ids=["a list", "a line"])
def test_there_is_no_end(lie):
    async def test(client: Client) -> None:
        client.api.lies.tell(lie)
        async with client.asked() as answer:
            assert b"\n" not in await answer.content.readexactly(5 << 20)

    asking(test)


def test_there_is_a_crowd():
    async def test(client: Client) -> None:
        client.api.lies.tell(lies.crowded(25_000))
        assert len(names((await client.get(limit=2))[1])) == 25_000

    asking(test)


@pytest.mark.parametrize(
    ("lie", "headers"),
    [pytest.param(lies.silent(), False, id="no answer"), pytest.param(lies.headers_only(), True, id="no body")],
)
def test_there_is_silence(lie, headers):
    async def test(client: Client) -> None:
        client.api.lies.tell(lie)
        heads: list[int] = []

        async def ask() -> None:
            async with asyncio.timeout(PATIENCE), client.asked() as answer:
                heads.append(answer.status)
                await answer.read()

        with pytest.raises(TimeoutError):
            await ask()
        assert heads == ([200] if headers else [])

    asking(test)


def test_a_watch_goes_silent_in_the_middle():
    async def test(client: Client) -> None:
        async with client.watch(resourceVersion=1002) as events:
            await anext(events)
            client.api.mute()
            client.api.put(manifests.service("zoo"))
            client.api.disconnect()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await anext(events)
            assert client.api.watching()

    asking(test)


def test_a_watch_ends_in_the_middle_of_a_line():
    async def test(client: Client) -> None:
        async with client.asked(watch=1, resourceVersion=1003) as answer:
            await until(client.api.watching)
            client.api.cut()
            octets = await answer.read()
        assert octets
        assert not octets.endswith(b"\n")

    asking(test)


def test_a_watch_is_reset():
    async def test(client: Client) -> None:
        async with client.asked(watch=1, resourceVersion=1003) as answer:
            await until(client.api.watching)
            client.api.reset()
            with pytest.raises((aiohttp.ClientError, OSError)):
                await answer.read()
        await until(lambda: not client.api.watching())

    asking(test)


def test_an_answer_is_late():
    async def test(client: Client) -> None:
        client.api.lies.tell(lies.late(PATIENCE))
        begun = time.monotonic()
        await client.get()
        assert time.monotonic() - begun >= PATIENCE

    asking(test)


def test_an_answer_comes_octet_by_octet():
    async def test(client: Client) -> None:
        client.api.lies.tell(lies.dribbled(50, 0.001))
        begun = time.monotonic()
        async with client.asked() as answer:
            assert len(await answer.content.readany()) < 50
            octets = await answer.read()
        assert octets.endswith(b"\n")
        assert time.monotonic() - begun >= 50 * 0.001

    asking(test)


def test_objects_may_be_huge_wrong_and_of_older_revisions():
    async def test(client: Client) -> None:
        cart = manifests.service("cart")
        async with client.watch(resourceVersion=1003) as events:
            await until(client.api.watching)
            client.api.put(nonsense.huge(cart))
            client.api.put(nonsense.text_ports(cart))
            client.api.say(nonsense.back(cart, 7))
            seen = [(await anext(events))["object"] for _ in range(3)]
        assert len(seen[0]["metadata"]["annotations"]["example.org/huge"]) == 3 << 20
        assert seen[1]["spec"]["ports"][0]["port"] == "80"
        assert seen[2]["metadata"]["resourceVersion"] == "7"

    asking(test)
