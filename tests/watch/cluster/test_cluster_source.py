"""Members come, go and change with the file that names them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from fedresolver.model.event import Joined, Left, Restored
from fedresolver.model.objects import Service
from fedresolver.observe.metrics import Metrics
from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.cluster.kind import SERVICES
from fedresolver.watch.cluster.metrics import ClusterMetrics
from fedresolver.watch.cluster.roster import Way
from fedresolver.watch.cluster.source import ClusterSource
from fedresolver.watch.cluster.surroundings import Surroundings
from fedresolver.watch.memory import Memory
from tests.support import manifests
from tests.support.deadline import until
from tests.support.following import FEDERATION, QUICK, Door, Trail, in_loop
from tests.support.stub_api import lies
from tests.support.stub_api.api import StubApi


class Names:
    """A roster that a test changes; `error` is why it cannot be read."""

    def __init__(self, **ways: Way) -> None:
        self._ways = ways
        self._stamp = (0, 0, 0)
        self.error: Exception | None = None

    def change(self, error: Exception | None = None, **ways: Way) -> None:
        self._ways, self.error = ways or self._ways, error
        self._stamp = (self._stamp[0] + 1, 0, 0)

    def stamp(self) -> tuple[int, int, int]:
        return self._stamp

    def ways(self) -> dict[str, Way]:
        if self.error is not None:
            raise self.error
        return dict(self._ways)


class Sourced:
    """Two stubs, and a source of them."""

    def __init__(self, north: StubApi, south: StubApi, memory: Memory | None = None) -> None:
        self.north, self.south = north, south
        self.names = Names(north=way(north))
        self.trail = Trail()
        self.memory = memory or Memory()
        self.metrics = ClusterMetrics(Metrics())
        clock = asyncio.get_running_loop().time
        self.around = Surroundings(FEDERATION, QUICK, clock, clock, self.metrics)
        self.source = ClusterSource(self.names, lambda _: [SERVICES], self.around, self.memory)
        self.source.subscribe(self.trail)


def way(api: StubApi, *tokens: str) -> Way:
    return Way(f"{api.url} {tokens}", Door(api.url, *tokens))


def sourced(test: Callable[[Sourced], Awaitable[None]]) -> None:
    async def run() -> None:
        async with StubApi() as north, StubApi() as south:
            north.put(manifests.service("cart"))
            south.put(manifests.service("desk"))
            told = Sourced(north, south)
            await told.source.start()
            try:
                await test(told)
            finally:
                await told.source.stop()

    in_loop(run())


def test_a_context_that_is_added_joins_and_one_that_is_removed_leaves_with_its_numbers():
    async def test(told: Sourced) -> None:
        await until(lambda: told.trail.names() == ["cart"])
        told.names.change(north=way(told.north), south=way(told.south))
        await until(lambda: told.trail.names(member="south") == ["desk"])
        assert told.source.heard().keys() == told.source.contacts().keys() == {"north", "south"}
        told.source.refresh_metrics()
        assert told.metrics.objects.value(FEDERATION, "north", "services") == 1
        told.names.change(south=way(told.south))
        await until(lambda: Left("north") in told.trail.events)
        await until(lambda: not told.north.watching())
        await until(lambda: "north" not in str(told.metrics.objects.values) + str(told.metrics.events.values))
        assert told.source.objects().keys() == {"south"}
        told.south.put(manifests.service("farm"))
        await until(lambda: told.trail.names(member="south") == ["desk", "farm"])

    sourced(test)


def test_another_way_to_a_member_loses_none_of_its_objects():
    async def test(told: Sourced) -> None:
        await until(lambda: told.trail.names() == ["cart"])
        told.north.token = "new"
        told.names.change(north=way(told.north, "new"))
        await until(lambda: told.north.requests[-1].headers.get("authorization") == "Bearer new")
        told.north.put(manifests.service("farm"))
        await until(lambda: told.trail.names() == ["cart", "farm"])
        assert told.trail.removed == []
        assert told.trail.events.count(Joined("north")) == 1

    sourced(test)


@pytest.mark.parametrize(
    ("error", "level"),
    [(AccessError("the file: no YAML"), logging.ERROR), (RuntimeError("nobody foresaw"), logging.ERROR)],
    ids=["that is known", "that nobody foresaw"],
)
def test_a_file_with_an_error_changes_nothing_and_is_logged_once(error, level, caplog):
    async def test(told: Sourced) -> None:
        await until(lambda: told.trail.names() == ["cart"])
        told.names.change(error)
        await until(lambda: caplog.records)
        told.names.change(error)
        told.north.put(manifests.service("farm"))
        await until(lambda: told.trail.names() == ["cart", "farm"])
        told.names.change(north=way(told.north), south=way(told.south))
        await until(lambda: told.trail.names(member="south") == ["desk"])

    sourced(test)
    assert [record.levelno for record in caplog.records] == [level]


class InHands(Names):
    """A roster that is written before our eyes: each look at it finds the next of `stamps`, and at last the last."""

    def __init__(self, *stamps: tuple[int, int, int] | None, **ways: Way) -> None:
        super().__init__(**ways)
        self._stamps = list(stamps)
        self.read: list[tuple[int, int, int] | None] = []

    def stamp(self) -> tuple[int, int, int] | None:
        return self._stamps.pop(0) if len(self._stamps) > 1 else self._stamps[0]

    def ways(self) -> dict[str, Way]:
        self.read.append(self._stamps[0])
        return super().ways()


def test_a_file_is_read_only_when_nobody_has_written_it_for_a_moment():
    async def run() -> None:
        async with StubApi() as api:
            told = Sourced(api, api)
            first, cut, whole = ((size, size, size) for size in (2, 1, 3))
            names = InHands(first, cut, None, None, whole, north=way(api))
            source = ClusterSource(names, lambda _: [SERVICES], told.around, Memory())
            await source.start()
            names.read.clear()
            await until(lambda: names.read)
            await source.stop()
            assert names.read == [whole]

    in_loop(run())


def test_nothing_can_be_known_at_the_start():
    async def run() -> None:
        async with StubApi() as api:
            told = Sourced(api, api)
            told.names.change(AccessError("the file: no such file"))
            with pytest.raises(OSError, match="no such file"):
                await told.source.start()
            await told.source.stop()

    in_loop(run())


def test_a_later_source_begins_with_what_an_earlier_one_holds():
    async def test(told: Sourced) -> None:
        await until(lambda: told.trail.names() == ["cart"])
        told.north.lies.tell(lies.refused(500))
        later = Sourced(told.north, told.south, told.memory)
        await later.source.start()
        assert later.trail.names() == ["cart"]
        assert [type(event) for event in later.trail.events][-1] is Restored
        await later.source.stop()

    sourced(test)


def test_what_a_snapshot_has_is_there_at_once():
    async def run() -> None:
        async with StubApi() as api:
            api.lies.tell(lies.silent())
            told = Sourced(api, api)
            told.memory.read = lambda: {"north": [Service(namespace="shop", name="old")]}
            await told.memory.start()
            await told.source.start()
            assert told.trail.names() == ["old"]
            await told.source.stop()

    in_loop(run())


def test_members_are_pinged_by_name():
    async def test(told: Sourced) -> None:
        told.source.ping(["north"])
        await until(lambda: [call for call in told.north.requests if call.path == "/version"])

    sourced(test)


def test_a_start_that_is_given_up_leaves_nothing_behind():
    async def run() -> None:
        async with StubApi() as api:
            api.lies.tell(lies.silent())
            told = Sourced(api, api)
            told.memory.used = True
            told.memory.read = lambda: {"north": [Service(namespace="shop", name="old")]}
            await told.memory.start()
            start = asyncio.create_task(told.source.start())
            await until(lambda: api.requests)
            start.cancel()
            await asyncio.gather(start, return_exceptions=True)
            await told.source.stop()
            assert told.memory.objects() == {}

    in_loop(run())
