"""The status pages of federations that a test makes up, on a real listener."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from fedresolver.chain.plugin import Route
from fedresolver.plugins.status.events import MOST_FEEDS, Feeds
from fedresolver.plugins.status.pages import Pages
from fedresolver.server.http import HttpListener
from fedresolver.status.directory import Directory
from fedresolver.status.documents import Cluster, Service, ShardOf, Transition
from tests.support.loop import Loop, looping
from tests.support.setup import FakeProcess

NAME = "myfederation"


class FakeTold:
    """A federation that tells what a test has put into it; `looks` counts how often its clusters were looked at."""

    def __init__(self, clusters: tuple[Cluster, ...] = (), services: tuple[Service, ...] = ()) -> None:
        self.members = clusters
        self.listed = services
        self.changes: list[Transition] = []
        self.looks = 0
        self.begins = 0.0
        self.names = (NAME,)

    async def ask_versions(self) -> None: ...

    def clusters(self) -> Iterator[Cluster]:
        self.looks += 1
        yield from self.members

    def services(self, after: str, having: str = "") -> Iterator[Service]:
        for one in self.listed:
            called = f"{one.federation}/{one.namespace}/{one.name}"
            if called > after and having in called:
                yield one

    def transitions(self, federation: str, number: int) -> Iterator[Transition]:
        yield from self.changes[number:]

    def has(self, qname: object) -> bool:
        return False

    def change(self, at: float, member: str, before: str, after: str, service: str = "") -> None:
        """Have something change."""
        number = len(self.changes)
        self.changes.append(
            Transition(
                number=number, at=at, federation=NAME, member=member, service=service, before=before, after=after
            )
        )


def cluster(name: str, status: str = "Ready", **more: object) -> Cluster:
    """Return a member cluster."""
    return Cluster(name=name, federation=NAME, status=status, **({"regions": ("north",), "heard": 0.0} | more))


def service(name: str, healthy: int = 1, total: int = 1, namespace: str = "shop") -> Service:
    """Return a Service with so many shards."""
    shards = tuple(
        ShardOf(member=f"c{number}", state="", healthy=number < healthy, ready=1, total=1) for number in range(total)
    )
    names = (f"{name}.{namespace}.{NAME}.", f"{name}.{namespace}.{NAME}.svc.example.com.")
    return Service(
        name=name, namespace=namespace, federation=NAME, healthy=healthy, answered="global", names=names, shards=shards
    )


class Served:
    """The pages of a federation at `url`; `feeds` are those who watch."""

    def __init__(self, loop: Loop, told: FakeTold, limit: int) -> None:
        directory, ticks = Directory(), count()
        directory.federations.append(told)
        self.loop = loop
        self.feeds = Feeds(directory, limit)
        self._pages = Pages(directory, self.feeds, FakeProcess(), lambda: float(next(ticks)), lambda: 0.0)
        self._listener = HttpListener("127.0.0.1", 0)

    async def open(self) -> None:
        """Listen."""
        self._listener.routes = [
            Route(host="", port=0, path=path, respond=respond) for path, respond in self._pages.all().items()
        ]
        await self._listener.open()

    async def close(self) -> None:
        """Listen no more."""
        await self._listener.close()

    @property
    def address(self) -> tuple[str, int]:
        """Where the pages are."""
        return self._listener.address

    @property
    def url(self) -> str:
        """The page at `/`."""
        host, port = self.address
        return f"http://{host}:{port}/"


@contextmanager
def served(told: FakeTold, limit: int = MOST_FEEDS) -> Iterator[Served]:
    """Give the pages of a federation; at the end nothing is left of them."""
    with looping() as loop:
        found = Served(loop, told, limit)
        loop.run(found.open())
        try:
            yield found
        finally:
            loop.run(found.close())
