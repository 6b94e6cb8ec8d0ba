"""One kind of objects of one member, as its API server tells it: the requests between which `reflector` chooses.

What is told goes on at once, a batch for all that came together. A list shows portion by portion, and what it did not
name is removed at its end only: so nothing vanishes for a moment while a member is listed again.
"""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

import msgspec

from fedresolver.model.objects import Object, Ref
from fedresolver.watch.cluster import text
from fedresolver.watch.cluster.connection import Connection
from fedresolver.watch.cluster.holding import LARGEST, Holding
from fedresolver.watch.cluster.kind import Kind
from fedresolver.watch.cluster.pace import LONGEST_PAGE, Pace
from fedresolver.watch.cluster.reflector import Sign
from fedresolver.watch.cluster.trouble import Trouble, TroubleError
from fedresolver.watch.kube.intake import Taken, take

PAGE = 500
"""Objects in a page of a list."""
_MOST_PAGES = 2 * LARGEST // PAGE
_PORTION = 100  # objects that are taken in until everybody else has a turn
T = TypeVar("T")
_WHOLE = "application/json"
_BARE = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_BARE_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


class Ear(Protocol):
    """Who is told of a kind of objects."""

    def heard(self) -> bool:
        """Hear how the kind stands; return whether that comes too late to go on from what is held."""

    def opened(self) -> None:
        """See the watch go on."""

    def changed(self, changes: Sequence[Object | Ref]) -> None:
        """Be told which objects are new or have changed, or are gone, in this order."""

    def flawed(self, flaw: str) -> None:
        """Be told why an object cannot be believed."""

    def shown(self, changed_at: str) -> None:
        """Be told that the answers show a change of endpoints, made at a time as RFC 3339 has it."""


class Feed:
    """Asks for `kind` over a connection, and holds what there is.

    Each request returns how it ended, or raises TroubleError.
    """

    def __init__(self, kind: Kind, connection: Connection, ear: Ear, pace: Pace) -> None:
        self.kind = kind
        self.holding = Holding()
        self._connection = connection
        self._ear = ear
        self._pace = pace
        self._path = kind.path
        self._revision = 0
        self._streams = True

    async def stream(self) -> Sign:
        """Have all there is told by a watch (KEP-3157), where the server can do that."""
        if not self._streams:
            return Sign.UNSUPPORTED
        await self._find()
        query = self._watching(LONGEST_PAGE) | {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        self.holding.begin()
        try:
            async with self._connection.lines(
                self._path, query, self._accept(_BARE), LONGEST_PAGE, self._pace.read
            ) as chunks:
                async for lines in chunks:
                    for portion in _portions(lines):
                        if self._initial(portion):
                            return Sign.TOLD
                        await asyncio.sleep(0)
        except TroubleError as error:
            self._streams = error.trouble is not Trouble.INVALID
            raise
        return Sign.MUTE

    async def pages(self) -> Sign:
        """Have all there is told page by page."""
        await self._find()
        query = self._selected({"limit": str(PAGE)})
        self.holding.begin()
        for _ in range(_MOST_PAGES):
            page = text.page(await self._connection.get(self._path, query, self._accept(_BARE_LIST)))
            for portion in _portions(page.items or []):
                self._tell(map(self._taken, portion))
                await asyncio.sleep(0)
            if not page.metadata.continue_:
                self._finish(text.revision(page.metadata.resource_version))
                return Sign.TOLD
            query = self._selected({"limit": str(PAGE), "continue": page.metadata.continue_})
        raise TroubleError(Trouble.TOO_LARGE, f"GET {self._path}: more than {_MOST_PAGES} pages")

    async def check(self) -> Sign:
        """Ask for the member's present revision."""
        octets = await self._connection.get(self._path, self._selected({"limit": "1"}), self._accept(_BARE_LIST))
        now = text.revision(text.page(octets).metadata.resource_version)
        return Sign.BACK if now < self._revision else Sign.TOLD

    async def watch(self, seconds: int) -> Sign:
        """Have changes told for `seconds`."""
        query = self._watching(seconds) | {"resourceVersion": str(self._revision)}
        sign = Sign.MUTE
        async with self._connection.lines(
            self._path, query, self._accept(_BARE), seconds + self._pace.grace, None
        ) as chunks:
            self._ear.opened()
            async for lines in chunks:
                if self._ear.heard():
                    return Sign.LATE
                sign = Sign.CLOSED
                for portion in _portions(lines):
                    if self._changes(portion):
                        return Sign.BACK
        return sign

    def nothing(self) -> None:
        """Take note that the member has none of this kind."""
        self.holding.begin()
        self._finish(self._revision)

    async def _find(self) -> None:
        """Find out where a kind is of which the version is not known."""
        if self.kind.group:
            version = text.preferred_version(await self._connection.get(self.kind.group, {}, _WHOLE))
            self._path = f"{self.kind.group}/{version}{self.kind.path}"

    def _selected(self, query: dict[str, str]) -> dict[str, str]:
        return query | ({"fieldSelector": self.kind.field_selector} if self.kind.field_selector else {})

    def _watching(self, seconds: float) -> dict[str, str]:
        return self._selected({"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": str(int(seconds))})

    def _accept(self, bare: str) -> str:
        return bare if self.kind.bare else _WHOLE

    def _initial(self, lines: Iterable[bytes]) -> bool:
        """Take in lines of the initial state; say whether it is complete with them."""
        states: list[Taken] = []
        for octets in lines:
            line = text.line(octets)
            if line.type == "ERROR":  # an etcd that is too old
                raise TroubleError(Trouble.INVALID, f"GET {self._path}: {text.status(line.object).message:.200}")
            if line.type != "BOOKMARK":
                states.append(self._taken(line.object))
                continue
            meta = text.bookmark(line.object)
            if meta.annotations is not None and meta.annotations.initial_events_end == "true":
                self._tell(states)
                self._finish(text.revision(meta.resource_version))
                return True
        self._tell(states)
        return False

    def _finish(self, revision: int) -> None:
        gone = self.holding.finish()
        if gone:
            self._ear.changed(gone)
        self._revision = revision

    def _changes(self, lines: Iterable[bytes]) -> bool:
        """Take in lines of a watch; say whether its revision goes back."""
        changes: list[Object | Ref | None] = []
        shown: list[str] = []
        back = False
        try:
            for octets in lines:
                line = text.line(octets)
                if line.type == "ERROR":
                    raise _error(self._path, text.status(line.object))
                revision = self._change(line, changes, shown)
                back = revision < self._revision
                if back:
                    break
                self._revision = revision
        finally:
            self._pass_on(changes)
        for changed_at in shown:
            self._ear.shown(changed_at)
        return back

    def _change(self, line: text.Line, changes: list[Object | Ref | None], shown: list[str]) -> int:
        """Take in one line of a watch; return its revision."""
        if line.type == "BOOKMARK":
            return text.revision(text.bookmark(line.object).resource_version)
        taken = self._taken(line.object)
        if line.type == "DELETED":
            changes.append(None if taken.ref is None else self.holding.remove(taken.ref))
        else:
            changes.append(self.holding.take(taken))
            if taken.changed_at and changes[-1] is not None:
                shown.append(taken.changed_at)
        return text.revision(taken.revision)

    def _taken(self, octets: msgspec.Raw) -> Taken:
        taken = take(self.kind.shape, partial(_decode, octets))
        if taken.flaw:
            self._ear.flawed(taken.flaw)
        return taken

    def _tell(self, states: Iterable[Taken]) -> None:
        self._pass_on([self.holding.take(taken) for taken in states])

    def _pass_on(self, changes: Iterable[Object | Ref | None]) -> None:
        real = [change for change in changes if change is not None]
        if real:
            self._ear.changed(real)


def _decode(octets: msgspec.Raw, shape: type[Any]) -> object:
    return msgspec.json.decode(octets, type=shape)


def _portions(things: Sequence[T]) -> Iterable[Sequence[T]]:
    return (things[start : start + _PORTION] for start in range(0, len(things), _PORTION))


def _error(path: str, status: text.Status) -> TroubleError:
    """Return what an ERROR in a watch says (Status; 410 where the revision is forgotten)."""
    known = {401: Trouble.UNAUTHORIZED, 403: Trouble.FORBIDDEN, 410: Trouble.GONE}
    return TroubleError(known.get(status.code, Trouble.DAMAGED), f"GET {path}: {status.code}: {status.message:.200}")
