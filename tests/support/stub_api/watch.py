"""One open watch: lines that wait until they are sent."""

import asyncio
from collections.abc import Callable

from tests.support.stub_api.answer import Body
from tests.support.stub_api.call import Call
from tests.support.stub_api.shown import BARE, BARE_LIST, bookmark, event
from tests.support.stub_api.status import status
from tests.support.stub_api.store import Change, ExpiredError, Store

_HALF = b'{"type":"MODIFIED","object":{"kind":"Serv'


class Watch:
    """A watch of `resource` from a revision on; it tells no event that is not newer.

    `initial` is whether it was asked to begin with all there is.
    """

    def __init__(self, call: Call) -> None:
        assert call.resource is not None
        self.resource = call.resource
        self._call = call
        self.initial = call.says("sendInitialEvents")
        self._after = call.number("resourceVersion")
        self._seconds = call.number("timeoutSeconds")
        self._name = call.selected
        self._bare = call.shape == BARE
        self._muted = False
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()

    def begin(self, store: Store, *, marked: bool) -> None:
        """Tell what there is to tell at the start; `marked` says where the initial events end."""
        if self._call.shape == BARE_LIST:
            self.fail(406, f"you requested {BARE_LIST}, but the requested object is not a list")
        elif self._after == 0 or marked:
            self._initial(store, marked=marked)
        else:
            self._missed(store)

    def tell(self, change: Change) -> None:
        """Tell a change, if it is one of those that are asked for."""
        if change.revision > self._after and self._name in {None, change.key[1]}:
            self.say(event(change.type, change.object, bare=self._bare))

    def mark(self, revision: int, *, end: bool = False) -> None:
        """Tell the revision, if bookmarks are wanted and it is not older than what the client has."""
        if self._call.says("allowWatchBookmarks") and revision >= self._after:
            self.say(bookmark(self.resource, revision, bare=self._bare, end=end))

    def fail(self, code: int, message: str) -> None:
        """Tell an ERROR event, and end."""
        self.say(event("ERROR", status(code, message)))
        self.end()

    def say(self, line: bytes) -> None:
        """Send these octets, whatever they are."""
        if not self._muted:
            self._lines.put_nowait(line)

    def end(self) -> None:
        """End orderly."""
        if not self._muted:
            self._lines.put_nowait(None)

    def cut(self) -> None:
        """End orderly, but in the middle of a line."""
        self.say(_HALF)
        self.end()

    def mute(self) -> None:
        """Say nothing more, not even that it ends."""
        self._muted = True

    async def body(self, revision: Callable[[], int]) -> Body:
        """Give the lines as they come, until the end or the time-out that the client wished."""
        timer = asyncio.get_running_loop().call_later(self._seconds, self._expire, revision) if self._seconds else None
        try:
            while (line := await self._lines.get()) is not None:
                yield line
        finally:
            if timer is not None:
                timer.cancel()

    def _initial(self, store: Store, *, marked: bool) -> None:
        for key, thing in store.at(self.resource.name, store.revision):
            if self._name in {None, key[1]}:
                self.say(event("ADDED", thing, bare=self._bare))
        self._after = store.revision
        if marked:
            self.mark(store.revision, end=True)

    def _missed(self, store: Store) -> None:
        try:
            changes = store.since(self.resource.name, self._after)
        except ExpiredError:
            self.fail(410, f"too old resource version: {self._after} ({store.oldest})")
        else:
            for change in changes:
                self.tell(change)

    def _expire(self, revision: Callable[[], int]) -> None:
        # The real server sends this bookmark about 2 s earlier.
        self.mark(revision())
        self.end()
