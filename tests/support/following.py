"""A member that is a stub API server, followed as in earnest: what it says, in the order in which it says it."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fedresolver.model.event import Event, Failed, Joined, Put, Removed, Restored, Sink, Synced
from fedresolver.model.objects import Object, Ref, Service, ref
from fedresolver.observe.metrics import Metrics
from fedresolver.watch.access.entry import Entry
from fedresolver.watch.cluster.kind import SERVICES, SLICES, Kind
from fedresolver.watch.cluster.member import ClusterMember
from fedresolver.watch.cluster.metrics import ClusterMetrics
from fedresolver.watch.cluster.pace import Pace
from fedresolver.watch.cluster.surroundings import Surroundings
from tests.support import manifests
from tests.support.deadline import SECONDS, until
from tests.support.stub_api.api import StubApi
from tests.support.stub_api.call import Call

QUICK = Pace(1.5)
"""Times in which a test can see all that happens to a member."""
FEDERATION = "myfederation"


class Door:
    """The way to a stub; each token is one that the server does not believe once it is `rejected`."""

    def __init__(self, url: str, *tokens: str, tls: ssl.SSLContext | None = None) -> None:
        self.url = url
        self.tls = tls
        self.rejections = 0
        self._tokens = tokens

    async def entry(self) -> Entry:
        token = self._tokens[min(self.rejections, len(self._tokens) - 1)] if self._tokens else ""
        return Entry(self.url, (("Authorization", f"Bearer {token}"),) if token else (), self.tls)

    def rejected(self) -> None:
        self.rejections += 1


class Trail:
    """A sink that remembers what it was told, of any members; `others` are told too.

    `failure` is what it raises the next time, and remembers nothing then.
    """

    def __init__(self, *others: Sink) -> None:
        self.failure: Exception | None = None
        self.others = list(others)
        self.batches: list[tuple[Event, ...]] = []
        self.objects: dict[tuple[str, Ref], Object] = {}
        self.removed: list[Ref] = []

    def __call__(self, events: Sequence[Event]) -> None:
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure
        self.batches.append(tuple(events))
        for other in self.others:
            other(events)
        for event in events:
            match event:
                case Put(member, thing):
                    self.objects[member, ref(thing)] = thing
                case Removed(member, which):
                    del self.objects[member, which]
                    self.removed.append(which)

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]

    def turns(self) -> list[type[Event]]:
        """Return what became of the member, without its objects and without repetition."""
        turns = [type(event) for event in self.events if isinstance(event, Joined | Synced | Restored | Failed)]
        return [turn for index, turn in enumerate(turns) if index == 0 or turns[index - 1] is not turn]

    def synced(self) -> int:
        """Return how often the member was told to be as it is held."""
        return sum(isinstance(event, Synced) for event in self.events)

    def names(self, kind: type[Object] = Service, member: str = "north") -> list[str]:
        """Return the names of the objects of a kind that a member has by what it told."""
        return sorted(which.name for whose, which in self.objects if (whose, which.kind) == (member, kind))


class Following:
    """A stub `api`, the `member` that follows it, its `door`, what it told (`trail`), and its numbers."""

    def __init__(self, api: StubApi, kinds: Sequence[Kind], door: Door | None, chance: float) -> None:
        self.api = api
        self.door = door or Door(api.url)
        self.trail = Trail()
        self.metrics = ClusterMetrics(Metrics())
        self.around = Surroundings(FEDERATION, QUICK, time.monotonic, time.time, self.metrics, lambda: chance)
        self._resources = [kind.name for kind in kinds]
        self.member = ClusterMember("north", self.door, kinds, self.around, self.trail)

    async def synced(self, seconds: float = SECONDS) -> None:
        """Wait until the member is told to be whole once more."""
        before = self.trail.synced()
        await until(lambda: self.trail.synced() > before, seconds)

    async def watched(self, *resources: str) -> None:
        """Wait until there is a watch from a revision on, of each of these resources, or of all."""
        await until(lambda: all(self._watches(each) for each in resources or self._resources))

    async def shows(self, *names: str, kind: type[Object] = Service) -> None:
        """Wait until these are the objects of a kind."""
        await until(lambda: self.trail.names(kind) == sorted(names))

    def calls(self, verb: str = "", resource: str = "services", since: int = 0) -> list[Call]:
        """Return the requests, after the first `since` of all, for a resource, by `list`, `stream` or `watch`."""
        return [call for call in self.api.requests[since:] if call.name == resource and verb in {"", verb_of(call)}]

    def errors(self, word: str) -> float:
        """Return how often a trouble was counted."""
        return self.metrics.errors.value(FEDERATION, "north", word)

    def fresh(self) -> float:
        """Return for how long the member was not heard of whole."""
        return time.monotonic() - self.member.heard

    def _watches(self, resource: str) -> bool:
        return any(not watch.initial for watch in self.api.watching(resource))


def verb_of(call: Call) -> str:
    """Return `list`, `watch`, or `stream` for a watch that begins with all there is."""
    return "stream" if call.says("sendInitialEvents") else call.verb


@asynccontextmanager
async def following_of(
    api: StubApi,
    kinds: Sequence[Kind] = (SERVICES, SLICES),
    door: Door | None = None,
    chance: float = 0.1,
    known: Iterable[Object] | None = None,
) -> AsyncIterator[Following]:
    """Give a member that is followed, and end it."""
    followed = Following(api, kinds, door, chance)
    if known is not None:
        followed.member.restore(known)
    followed.trail(followed.member.replay())
    followed.member.start()
    try:
        yield followed
    finally:
        await followed.member.stop()


def following(
    test: Callable[[Following], Awaitable[None]],
    prepare: Callable[[StubApi], object] = lambda _: None,
    **how: Any,
) -> None:
    """Run a test of a member with two Services and their slices, made ready by `prepare`; `how` as above."""

    async def run() -> None:
        async with StubApi() as api:
            for name in ("cart", "desk"):
                for thing in manifests.shard(name):
                    api.put(thing)
            prepare(api)
            async with following_of(api, **how) as followed:
                await test(followed)

    in_loop(run())


def in_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine; at its end there must be no task left, and nothing that the loop complains of."""
    complaints: list[dict[str, Any]] = []

    async def all_of_it() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        async with asyncio.timeout(3 * SECONDS):
            await work
        await asyncio.sleep(0)
        left = [str(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert left == []

    asyncio.run(all_of_it())
    assert complaints == []
