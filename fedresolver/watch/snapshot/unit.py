"""When the snapshot is read and written.

Theory of operation. A change makes a write begin, unless one is going on or has just been: after a write there is a
rest, of a second at least, and so long that writing takes at most 2 % of the time. The objects are copied at once,
encoded a portion at a time in turn with everything else in the event loop, and written beside it. Nothing runs while
nothing changes. What goes wrong is counted, told once a minute at most, and tried again; it touches no answer.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from fedresolver.model.objects import Object
from fedresolver.observe.metrics import Metrics
from fedresolver.watch.snapshot import disk
from fedresolver.watch.snapshot.format import SnapshotError, decode, head, portions
from fedresolver.watch.worker import beside

REST = 1.0  # seconds between two writes at least
REST_AFTER_ERROR = 10.0
SHARE = 50  # times the time that a write took, until the next
LAST_WRITE = 3.0  # seconds that the last write may take: what is stopped is wanted to end
_SAY_AGAIN = 60.0
_logger = logging.getLogger("fedresolver.federation")


class Snapshot:
    """The file at `path` with what `objects` returns of each member; `wall` is seconds since the epoch.

    `written_at` is when it was last written, None where it was not yet; `why` is what keeps it from that, empty where
    nothing does.
    """

    def __init__(
        self,
        path: str,
        federation: str,
        objects: Callable[[], Mapping[str, Sequence[Object]]],
        wall: Callable[[], float],
        metrics: Metrics,
    ) -> None:
        self.path = path
        self.written_at: float | None = None
        self.why = ""
        self._federation = federation
        self._objects = objects
        self._wall = wall
        self._errors = metrics.counter(
            "fedresolver_federation_snapshot_errors_total",
            "Times that the snapshot could not be read, believed or written.",
            ("federation",),
        )
        self._written = metrics.gauge(
            "fedresolver_federation_snapshot_written_timestamp_seconds",
            "When the snapshot was last written, in seconds since the epoch.",
            ("federation",),
        )
        self._behind = metrics.gauge(
            "fedresolver_federation_snapshot_behind_seconds",
            "For how long the oldest change that is not in the snapshot has waited; 0 when there is none.",
            ("federation",),
            read=True,
        )
        self._errors.add(federation, by=0)
        self._since: float | None = None
        self._running = False
        self._changed = False
        self._said_at = float("-inf")
        self._task: asyncio.Task[None] | None = None
        self._rest: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> bool:
        """Whether something has changed that is not written."""
        return self._changed

    def read(self) -> dict[str, tuple[Object, ...]]:
        """Return the objects of each member as they were last written; nothing where there is no file to be believed.

        This blocks: 200 ms for 20,000 Services. A file that cannot be believed is renamed to `PATH.damaged`.
        """
        disk.clean(self.path)
        try:
            octets = disk.read(self.path)
        except OSError as error:
            self._fail(f"cannot be read: {error.strerror}; the members are waited for")
            return {}
        if octets is None:
            return {}
        try:
            return decode(octets, self._federation)
        except SnapshotError as error:
            self._fail(f"cannot be believed: {error}; {self._set_aside()}, and the members are waited for")
            return {}

    def touch(self) -> None:
        """Take note that objects have changed: they are written now, or when the rest is over."""
        self._changed = True
        if self._since is None:
            self._since = self._wall()
        if self._running and self._task is None and self._rest is None:
            self._begin()

    def refresh_metrics(self) -> None:
        """Bring the numbers up to date that are read from here."""
        behind = 0.0 if self._since is None else max(0.0, self._wall() - self._since)
        self._behind.set(behind, self._federation)

    async def start(self) -> None:
        """Begin to write what changes, and what has changed by now."""
        self._running = True
        if self._changed:
            self._begin()

    async def stop(self) -> None:
        """Write what is not written yet, in 3 seconds at most, and then no more."""
        self._running = False
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        try:
            async with asyncio.timeout(LAST_WRITE):
                if self._task is not None:
                    await self._task
                if self._changed:
                    await self._write()
        except TimeoutError:
            self._fail(f"was not written in the last {LAST_WRITE:g} seconds")

    def _begin(self) -> None:
        self._rest = None
        if self._changed:
            self._task = asyncio.create_task(self._write_and_rest())

    async def _write_and_rest(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        good = await self._write()
        took = loop.time() - began
        self._task = None
        if self._running:
            self._rest = loop.call_later(max(REST if good else REST_AFTER_ERROR, SHARE * took), self._begin)

    async def _write(self) -> bool:
        """Write the file; say whether that was done. What nobody foresaw must not end the writing for ever."""
        self._changed = False
        began = self._wall()
        try:
            parts = await self._encode()
            await beside(lambda: disk.write(self.path, (head(self._federation, parts), *parts)))
        except OSError as error:
            self._say(f"cannot be written: {error.strerror}; it is tried again")
        except Exception as error:
            _logger.debug("the snapshot was not written", exc_info=True)
            self._say(f"cannot be written: {error!r}; it is tried again")
        else:
            self.written_at, self.why = self._wall(), ""
            self._written.set(self.written_at, self._federation)
            self._since = began if self._changed else None
            return True
        self._changed = True
        return False

    async def _encode(self) -> list[bytes]:
        """Return the body's parts: all of one moment, though they are encoded in turn with other work."""
        members = {member: tuple(things) for member, things in self._objects().items()}
        parts = []
        for part in portions(members):
            parts.append(part)
            await asyncio.sleep(0)
        return parts

    def _say(self, what: str) -> None:
        self.why = what
        now = asyncio.get_running_loop().time()
        if now - self._said_at >= _SAY_AGAIN:
            self._said_at = now
            self._fail(what)
        else:
            self._errors.add(self._federation)

    def _fail(self, what: str) -> None:
        self._errors.add(self._federation)
        _logger.error("snapshot %s %s", self.path, what)

    def _set_aside(self) -> str:
        try:
            return f"it is now {disk.set_aside(self.path)}"
        except OSError as error:
            return f"it stays where it is ({error.strerror})"
