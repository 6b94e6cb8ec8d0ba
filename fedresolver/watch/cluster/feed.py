"""One kind of objects of one member, as its API server tells it: the requests between which `reflector` chooses.

What is told goes on at once, a batch for all that came together. A list shows portion by portion, and what it did not
name is removed at its end only: so nothing vanishes for a moment while a member is listed again.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Protocol

import msgspec

from fedresolver.model.objects import Object, Ref
from fedresolver.watch.cluster import text
from fedresolver.watch.cluster.connection import Connection
from fedresolver.watch.cluster.holding import LARGEST, Holding
from fedresolver.watch.cluster.kind import Kind
from fedresolver.watch.cluster.pace import LONGEST_PAGE, Pace
from fedresolver.watch.cluster.reflector import Sign
from fedresolver.watch.cluster.trouble import Trouble, TroubleError
from fedresolver.watch.cluster.turns import Turns
from fedresolver.watch.kube import api
from fedresolver.watch.kube.intake import Taken, take

PAGE = 500
"""Objects in a page of a list."""
_MOST_PAGES = 2 * LARGEST // PAGE
LARGEST_OBJECT = 2 << 20
"""Octets of an object, as JSON: etcd takes none above 1.5 MiB."""
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
        self._limit = PAGE
        self._news: list[Object | Ref] = []

    async def stream(self) -> Sign:
        """Have all there is told by a watch (KEP-3157), where the server can do that."""
        if not self._streams:
            return Sign.UNSUPPORTED
        await self._find()
        query = self._watching(LONGEST_PAGE) | {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        cannot = {Trouble.INVALID}  # the server does not know the feature
        self.holding.begin()
        try:
            async with self._connection.lines(
                self._path, query, self._accept(_BARE), LONGEST_PAGE, self._pace.read
            ) as chunks:
                # Its etcd is too old, which an ERROR says; or it does not know the parameter, and no bookmark comes.
                cannot |= {Trouble.REFUSED, Trouble.TIMEOUT}
                async for lines in chunks:
                    async for portion in Turns(lines, len):
                        revision = self._initial(portion)
                        if revision is not None:
                            await self._finish(revision)
                            return Sign.TOLD
        except TroubleError as error:
            if error.trouble not in cannot:
                raise
            self._streams = False
            return Sign.UNSUPPORTED
        return Sign.CLOSED

    async def pages(self) -> Sign:
        """Have all there is told page by page; what has changed since the first of them the watch has to tell."""
        await self._find()
        token, first = "", 0
        self.holding.begin()
        for _ in range(_MOST_PAGES):
            page = text.page(await self._page(token))
            first = first if token else text.revision(page.metadata.resource_version)
            async for portion in Turns(page.objects(), len):
                self._listed(portion)
            if not page.token:
                await self._finish(first)
                self._lengthen()
                return Sign.TOLD
            if page.token == token:
                raise TroubleError(Trouble.DAMAGED, f"GET {self._path}: a page that says that it follows itself")
            token = page.token
        self._lengthen()
        raise TroubleError(Trouble.TOO_LARGE, f"GET {self._path}: more than {_MOST_PAGES} pages")

    def _lengthen(self) -> None:
        """Ask for longer pages the next time: what made them short may be over, and short ones are many."""
        self._limit = min(PAGE, 2 * self._limit)

    async def _page(self, token: str) -> bytes:
        """Return a page; where its objects are so large that it is, the next list has fewer in each."""
        query = self._selected({"limit": str(self._limit)} | ({"continue": token} if token else {}))
        try:
            return await self._connection.get(self._path, query, self._accept(_BARE_LIST))
        except TroubleError as error:
            if error.trouble is Trouble.TOO_LARGE:
                self._limit = max(1, self._limit // 10)
            raise

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
                async for portion in Turns(lines, len):
                    if self._changes(portion):
                        return Sign.BACK
        return sign

    async def nothing(self) -> None:
        """Take note that the member has none of this kind."""
        self.holding.begin()
        await self._finish(self._revision)

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

    def _initial(self, lines: Iterable[bytes]) -> int | None:
        """Take in lines of the initial state; return its revision if it is complete with them."""
        try:
            for octets in lines:
                line = text.line(octets)
                if line.type == "ERROR":
                    raise text.error(line.object, self._path)
                if line.type == "BOOKMARK":
                    meta = text.bookmark(line.object)
                    if meta.annotations is not None and meta.annotations.initial_events_end == "true":
                        return text.revision(meta.resource_version)
                else:
                    self._begun(line)
        finally:
            self._pass_on()
        return None

    def _begun(self, line: text.Line) -> None:
        """Take in an object of the initial state; what changes while that is told is among it, deletions too."""
        taken = self._taken(line.object)
        self._note(self._removed(taken) if line.type == "DELETED" else self.holding.listed(taken))

    def _listed(self, things: Iterable[msgspec.Raw]) -> None:
        try:
            for thing in things:
                self._note(self.holding.listed(self._taken(thing)))
        finally:
            self._pass_on()

    async def _finish(self, revision: int) -> None:
        async for portion in Turns(self.holding.unnamed()):
            for which in portion:
                self._note(self.holding.remove(which))
            self._pass_on()
        self._revision = revision

    def _changes(self, lines: Iterable[bytes]) -> bool:
        """Take in lines of a watch; say whether its revision goes back."""
        shown: list[str] = []
        try:
            return any(self._change(text.line(octets), shown) for octets in lines)
        finally:
            self._pass_on()
            for changed_at in shown:
                self._ear.shown(changed_at)

    def _change(self, line: text.Line, shown: list[str]) -> bool:
        """Take in one line of a watch; one whose revision goes back is not believed."""
        if line.type == "ERROR":
            raise text.error(line.object, self._path)
        if line.type == "BOOKMARK":
            return self._goes_back(text.bookmark(line.object).resource_version)
        taken = self._taken(line.object)
        if self._goes_back(taken.revision):
            return True
        if line.type == "DELETED":
            self._note(self._removed(taken))
        else:
            change = self.holding.take(taken)
            self._note(change)
            if taken.changed_at and change is not None:
                shown.append(taken.changed_at)
        return False

    def _goes_back(self, revision: str | None) -> bool:
        now = text.revision(revision)
        if now < self._revision:
            return True
        self._revision = now
        return False

    def _removed(self, taken: Taken) -> Ref | None:
        if taken.ref is None:
            raise TroubleError(Trouble.DAMAGED, f"GET {self._path}: something is deleted that has no name")
        return self.holding.remove(taken.ref)

    def _taken(self, octets: msgspec.Raw) -> Taken:
        taken = take(self.kind.shape, partial(_decode, octets))
        if taken.flaw:
            self._ear.flawed(taken.flaw)
        return taken

    def _note(self, change: Object | Ref | None) -> None:
        if change is not None:
            self._news.append(change)

    def _pass_on(self) -> None:
        """Tell what is new so far: what is held was told, always."""
        news, self._news = self._news, []
        if news:
            self._ear.changed(news)


def _decode(octets: msgspec.Raw, shape: type[Any]) -> object:
    if len(octets) > LARGEST_OBJECT and shape is not api.Named:
        raise msgspec.ValidationError(f"{len(octets)} octets; at most {LARGEST_OBJECT} are read")
    return msgspec.json.decode(octets, type=shape)
