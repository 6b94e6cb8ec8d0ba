"""The pages: a path and a query in, a document in JSON out. What is wrong with a query is told in one line."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import suppress
from heapq import merge
from itertools import islice

import msgspec

from fedresolver import __version__
from fedresolver.authority.zones import Source
from fedresolver.chain.plugin import Response, Visit
from fedresolver.chain.setup import Process
from fedresolver.plugins.status.asking import BadQueryError, changes_of, name_of, number_of, why_of
from fedresolver.plugins.status.events import Feed, Feeds, clusters
from fedresolver.plugins.status.front import Front
from fedresolver.status.directory import Directory, UnknownError
from fedresolver.status.documents import (
    VERSION,
    Difference,
    Differences,
    Document,
    Problem,
    Record,
    Server,
    Service,
    Services,
    Transitions,
    Zones,
)
from fedresolver.status.elsewhere import explained
from fedresolver.status.records import records_of
from fedresolver.walk.supposed import Change
from fedresolver.wire.name import to_text
from fedresolver.zone.contents import Contents

Page = Callable[[Visit], Awaitable[Response]]
JSON = "application/json"
MOST_SERVICES = 500
MOST_DIFFERENCES = 10_000
MOST_TRANSITIONS = 5000
_PATIENCE = 12.0
"""Seconds to wait for a zone that is only made when somebody wants it."""
_PORTION = 200
"""How many records or names are looked at before others have their turn."""
_HEADERS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))


class Pages:
    """All pages of the process, made of what `directory` has at the moment; `feeds` are for those who watch it."""

    def __init__(
        self,
        directory: Directory,
        feeds: Feeds,
        process: Process,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._feeds = feeds
        self._process = process
        self._clock = clock
        self._wall = wall
        self._began = clock()

    def all(self) -> dict[str, Page]:
        """Return the pages by their paths."""
        pages = {
            "server": self._server,
            "clusters": self._clusters,
            "services": self._services,
            "zones": self._zones,
            "records": self._records,
            "explain": self._explain,
            "simulate": self._simulate,
            "transitions": self._transitions,
        }
        front = Front(self._directory, self._feeds)
        answered = {f"/{VERSION}/{name}": _answered(page) for name, page in pages.items()}
        return {"/": front.page, f"/{VERSION}/events": front.events, **answered}

    async def _server(self, visit: Visit) -> Response:
        missing = self._process.missing()
        found = Server(
            version=__version__,
            uptime=self._clock() - self._began,
            ready=not missing and not self._process.stopping,
            missing=missing,
            notes=self._process.notes(),
            host=socket.gethostname(),
            pid=os.getpid(),
            file=self._process.file,
            listening=self._process.listening(),
            federations=tuple(one for told in self._directory.federations for one in told.federations()),
            upstreams=tuple(one for upstreams in self._directory.upstreams for one in upstreams()),
        )
        return document(found)

    async def _clusters(self, visit: Visit) -> Response:
        for told in self._directory.federations:
            await told.ask_versions()
        return document(clusters(self._directory))

    async def _transitions(self, visit: Visit) -> Response:
        found = Feed(self._directory).last(number_of(visit.query, "limit", MOST_TRANSITIONS))
        begins = max((told.begins for told in self._directory.federations), default=self._wall())
        return document(Transitions(transitions=found, begins=begins))

    async def _services(self, visit: Visit) -> Response:
        most = number_of(visit.query, "limit", MOST_SERVICES)
        after, having = visit.query.get("after", ""), visit.query.get("having", "")
        found = merge(*(told.services(after, having) for told in self._directory.federations), key=_called)
        listed: list[Service] = []
        for one in islice(found, most):
            listed.append(one)
            await asyncio.sleep(0)  # one of a large federation takes almost a millisecond
        services = tuple(listed)
        more = len(services) == most
        return document(Services(services=services, next=_called(services[-1]) if more else ""))

    async def _zones(self, visit: Visit) -> Response:
        return document(Zones(zones=tuple(sorted(map(to_text, self._directory.sources())))))

    async def _records(self, visit: Visit) -> Response:
        sources = self._directory.sources()
        apex = name_of(visit.query, "zone")
        if apex not in sources:
            there = ", ".join(sorted(map(to_text, sources))) or "none"
            raise UnknownError(f"{to_text(apex)} is no zone whose records are known here; there are: {there}")
        contents = await held(sources[apex], _PATIENCE)
        if contents is None:
            raise UnknownError(f"{to_text(apex)} has nothing to answer from yet")
        begin = msgspec.json.encode({"name": to_text(apex), "serial": contents.serial})[:-1] + b',"records":['
        return Response(200, begin, JSON, _HEADERS, _streamed(contents))

    async def _explain(self, visit: Visit) -> Response:
        why = why_of(visit.query, self._wall())
        for told in self._directory.federations:
            if told.has(why.qname):
                return document(await told.explain(why))
        return document(await explained(self._directory, why, self._clock(), self._wall()))

    async def _simulate(self, visit: Visit) -> Response:
        changes = changes_of(visit.query)
        self._check(changes)
        found: list[Difference] = []
        compared = 0
        for told in self._directory.federations:
            for difference in told.simulate(changes):
                compared += 1
                if difference is not None and len(found) < MOST_DIFFERENCES:
                    found.append(difference)
                if compared % _PORTION == 0:
                    await asyncio.sleep(0)
        return document(Differences(differences=tuple(found), compared=compared))

    def _check(self, changes: tuple[Change, ...]) -> None:
        """Raise UnknownError for a change of what no federation has: as a typing error, it would look harmless."""
        for change in changes:
            absent = [told.absent(change) for told in self._directory.federations]
            if absent and all(absent):
                raise UnknownError(absent[0])


def _called(service: Service) -> str:
    """Return by what Services are in order, over all federations."""
    return f"{service.federation}/{service.namespace}/{service.name}"


async def held(source: Source, seconds: float) -> Contents | None:
    """Return what a zone holds, waiting so long at most; None where it has nothing to answer from by then."""
    changed = asyncio.Event()
    source.subscribe(changed.set)
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while source.contents is None:
                    await changed.wait()
                    changed.clear()
        return source.contents
    finally:
        source.unsubscribe(changed.set)


def document(found: Document, status: int = 200) -> Response:
    """Return a document as an answer."""
    return Response(status, msgspec.json.encode(found), JSON, _HEADERS)


def _answered(page: Page) -> Page:
    """Return the page that answers what is wrong with a query, too."""

    async def answer(visit: Visit) -> Response:
        try:
            return await page(visit)
        except BadQueryError as error:
            return document(Problem(error=str(error)), 400)
        except UnknownError as error:
            return document(Problem(error=str(error)), 404)

    return answer


async def _streamed(contents: Contents) -> AsyncGenerator[bytes, None]:
    """Yield the records of a zone as the elements of a list, and what closes it."""
    records: Iterator[Record] = records_of(contents)
    separator = b""
    while portion := [msgspec.json.encode(record) for record in islice(records, _PORTION)]:
        yield separator + b",".join(portion)
        separator = b","
        await asyncio.sleep(0)
    yield b"]}"
