"""A member that does its worst: it hurts nobody but itself, and when it is honest again it is followed as ever."""

import asyncio
import resource
import time
from contextlib import AsyncExitStack

import pytest

from fedresolver.model.objects import Node
from fedresolver.watch.cluster.kind import NODES, SERVICES
from tests.support import manifests
from tests.support.deadline import until
from tests.support.following import Following, following, following_of, in_loop
from tests.support.stub_api import lies, nonsense
from tests.support.stub_api.api import StubApi, WatchList
from tests.support.stub_api.lie import Lie

PAUSE = 0.5
"""Seconds for which nothing of a member may hold up the others; measured 0.03 at rest."""
MEMORY = 400 << 10
"""Kibibytes that the process may grow by at a member's worst, with the stub and its copies in the same process."""
MANY_TINY = b'{"metadata":{"resourceVersion":"1"},"items":[{}' + b",{}" * 10_000_000 + b"]}"
MANY_LINES = b'{"type":"ADDED","object":{"metadata":{"name":"a b","resourceVersion":"1"}}}\n' * 20_000


def paged(api: StubApi) -> None:
    api.watch_list = WatchList.INVALID


def streamed(api: StubApi) -> None:
    api.watch_list = WatchList.STREAMS


async def gaps(worst: list[float]) -> None:
    while True:
        began = time.monotonic()
        await asyncio.sleep(0.005)
        worst.append(time.monotonic() - began - 0.005)


LIES = [
    pytest.param(lies.refused(500), "refused", id="500"),
    pytest.param(lies.refused(302, location="http://127.0.0.1:1/"), "refused", id="a redirect"),
    pytest.param(lies.truncated(20), "broken", id="closed in the middle"),
    pytest.param(lies.truncated(20, reset=True), "broken", id="reset in the middle"),
    pytest.param(lies.gzipped(), "damaged", id="gzip"),
    pytest.param(lies.endless_body(), "too_large", id="an endless body"),
    pytest.param(lies.endless_line(), "too_large", id="an endless line"),
    pytest.param(lies.crowded(), "damaged", id="a crowd of a million"),
    pytest.param(lies.body(MANY_TINY), "damaged", id="ten million items of two octets"),
    pytest.param(lies.silent(), "timeout", id="silence"),
    pytest.param(lies.headers_only(), "timeout", id="silence after the headers"),
    pytest.param(lies.dribbled(100_000, 0.05), "", id="octet by octet"),
]


@pytest.mark.parametrize("prepare", [paged, streamed], ids=["in pages", "streamed"])
@pytest.mark.parametrize(("lie", "word"), LIES)
def test_nobody_else_is_held_up_and_the_member_comes_back(lie: Lie, word, prepare, caplog):
    async def run() -> None:
        worst: list[float] = []
        async with AsyncExitStack() as stack:
            hostile, honest = [await stack.enter_async_context(StubApi()) for _ in range(2)]
            prepare(hostile)
            for api in (hostile, honest):
                api.put(manifests.service("cart"))
            hostile.lies.tell(lie)
            good = await stack.enter_async_context(following_of(honest, [SERVICES]))
            bad = await stack.enter_async_context(following_of(hostile, [SERVICES]))
            await good.watched()
            timer = asyncio.create_task(gaps(worst))
            await until(lambda: bad.errors(word) > 1 if word else hostile.requests)
            honest.put(manifests.service("desk"))
            await until(lambda: "desk" in good.trail.names(), 2)
            timer.cancel()
            assert bad.trail.synced() == 0
            hostile.lies.end()
            hostile.reset()
            await bad.synced()
            await bad.watched()
            assert bad.trail.names() == ["cart"]
        assert max(worst) < PAUSE, f"the loop was held up for {max(worst):.3f} s"

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    in_loop(run())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY
    assert len(caplog.records) <= 3  # the lie, the end of the lie


def test_pages_without_end_are_given_up():
    def endless(api: StubApi) -> None:
        paged(api)
        api.lies.tell(lies.endless_continue(), verb="list")

    async def test(followed: Following) -> None:
        await until(lambda: followed.errors("damaged") > 2)
        assert len(followed.calls("list")) < 12
        followed.api.lies.end()
        await followed.synced()

    following(test, endless, kinds=[SERVICES])


def test_a_redirect_is_not_followed_to_another_host():
    async def run() -> None:
        async with StubApi() as api, StubApi() as other:
            api.lies.tell(lies.redirected(other.url))
            async with following_of(api) as followed:
                await until(lambda: followed.errors("refused") > 3)
            assert other.requests == []

    in_loop(run())


ITEMS_ONLY = {"an item is a number", "an item without metadata", "an item whose name is no DNS label", "invalid UTF-8"}
"""Lists that are read, but for what is wrong in them."""


@pytest.mark.parametrize(("name", "octets"), [pytest.param(*pair, id=pair[0]) for pair in nonsense.LISTS.items()])
def test_a_list_that_is_nonsense(name, octets):
    def mad(api: StubApi) -> None:
        paged(api)
        api.lies.tell(lies.body(octets), verb="list")

    async def test(followed: Following) -> None:
        word = "damaged_object" if name in ITEMS_ONLY else "damaged"
        await until(lambda: followed.errors(word))
        followed.api.lies.end()
        followed.api.disconnect()
        followed.api.put(manifests.service("farm"))
        await followed.shows("cart", "desk", "farm")

    following(test, mad, kinds=[SERVICES])


@pytest.mark.parametrize("octets", [pytest.param(line, id=name) for name, line in nonsense.LINES.items()])
def test_a_line_that_is_nonsense_costs_at_most_a_new_list(octets):
    async def test(followed: Following) -> None:
        await followed.watched()
        followed.api.say(octets, "services")
        await until(lambda: followed.errors("damaged") + followed.errors("damaged_object"))
        await followed.watched()
        followed.api.put(manifests.service("farm"))
        await followed.shows("cart", "desk", "farm")
        assert followed.trail.removed == []

    following(test, kinds=[SERVICES])


@pytest.mark.parametrize("prepare", [paged, streamed], ids=["in pages", "streamed"])
def test_an_object_that_is_huge_or_wrong_keeps_its_last_good_state(prepare):
    async def test(followed: Following) -> None:
        api, cart = followed.api, manifests.service("cart", cluster_ips=["10.9.9.9"])
        await followed.watched()
        for wrong in (nonsense.huge(cart), nonsense.text_ports(cart)):
            api.put(wrong)
            api.put(manifests.service("farm"))
            await followed.shows("cart", "desk", "farm")
            api.compact()
            api.reset()  # a list sees it too
            api.delete("services", "shop", "farm")
            await followed.shows("cart", "desk")
        assert followed.errors("damaged_object") >= 2
        assert "\\\\t\\\\t\\\\t" not in str(followed.trail.objects)
        api.put(cart)
        await until(lambda: b"\n\t\t\t" in [thing.cluster_ips[0] for thing in followed.trail.objects.values()])

    following(test, prepare, kinds=[SERVICES])


def test_flaws_and_what_is_logged_of_them_are_bounded(caplog):
    async def test(followed: Following) -> None:
        await followed.watched()
        for number in range(150):
            name = f"x{number} " + "\x1b" * 50 + "y" * 10_000
            followed.api.say(nonsense.back(manifests.service(name), 5000), "services")
        followed.api.put(manifests.service("farm"))
        await until(lambda: followed.errors("damaged_object") == 150)

    following(test, kinds=[SERVICES])
    assert len(caplog.records) == 100
    assert all(len(record.getMessage()) < 600 and record.getMessage().isprintable() for record in caplog.records)


def test_lines_without_end_hold_up_nobody():
    worst: list[float] = []

    async def test(followed: Following) -> None:
        await followed.watched()
        timer = asyncio.create_task(gaps(worst))
        followed.api.say(MANY_LINES, "services")
        await until(lambda: followed.errors("damaged_object") or followed.errors("damaged"))
        timer.cancel()

    following(test, kinds=[SERVICES])
    assert max(worst) < PAUSE


def test_a_list_that_shrinks_to_nothing_removes_in_portions():
    worst: list[float] = []

    def crowd(api: StubApi) -> None:
        for number in range(20_000):
            api.put(manifests.node(f"n{number}"))

    async def test(followed: Following) -> None:
        await followed.watched()
        assert len(followed.trail.names(Node)) == 20_000
        timer = asyncio.create_task(gaps(worst))
        followed.api.lies.tell(lies.body(b'{"metadata":{"resourceVersion":"9999999"},"items":[]}'), verb="list")
        followed.api.watch_list = WatchList.INVALID
        followed.api.say(b"[]\n")
        await until(lambda: not followed.trail.objects)
        timer.cancel()

    following(test, crowd, kinds=[NODES])
    assert max(worst) < PAUSE


def test_a_slow_server_is_read_all_the_same():
    def slow(api: StubApi) -> None:
        api.lies.tell(lies.late(0.5))
        api.lies.tell(lies.dribbled(200, 0.002))

    async def test(followed: Following) -> None:
        await followed.synced()
        await followed.watched()
        followed.api.put(manifests.service("farm"))
        await followed.shows("cart", "desk", "farm")

    following(test, slow)
