"""A zone file on the disk: read at the start, and again when it has changed."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from fedresolver.authority.served import ServedZone
from fedresolver.chain.setup import Process
from fedresolver.config.errors import ConfigError
from fedresolver.plugins.file.disk import Disk
from fedresolver.plugins.file.metrics import FileMetrics
from fedresolver.watch.rounds import Rounds
from fedresolver.watch.worker import beside
from fedresolver.wire.name import Name, to_text
from fedresolver.wire.serial import is_newer
from fedresolver.zone.contents import Contents
from fedresolver.zone.text.read import read_zone
from fedresolver.zone.zone import Zone, zone

MANY = 20_000
"""After so many records of a file there is a line that says how far it is."""
_MOST_TOLD = 10
_BREATH = 0.0002
"""For how long the event loop has its turn now and then while a zone is read, in seconds: a thread that computes, or
that does not really wait, would keep it out for milliseconds."""
log = logging.getLogger("fedresolver.file")


class Wanted(NamedTuple):
    """What is wanted of a zone file: its zone, and the seconds between looks; 0 for none."""

    path: str
    apex: Name
    reload: float


class Loaded(NamedTuple):
    """What a file holds, None where that is no news, and what is odd about it, a line each with its place."""

    zone: Zone | None
    warnings: tuple[str, ...]


class ZoneFile:
    """The zone in a file, looked at again every `reload` seconds; never, if that is 0.

    A file that cannot be read any more, or is wrong, leaves what was there last, and is told once.
    """

    def __init__(
        self,
        wanted: Wanted,
        process: Process,
        metrics: FileMetrics,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.served = ServedZone(wanted.apex)
        self._wanted = wanted
        self._name = to_text(wanted.apex)
        self._process = process
        self._metrics = metrics
        self._disk = Disk()
        self._told: tuple[str, ...] = ()
        self._rounds = Rounds("file", wanted.reload, self._look, sleep)

    async def start(self) -> None:
        """Read the file, and begin to look at it; ConfigError or OSError when it is wrong."""
        self._take(await beside(self._load))
        self._rounds.start()

    async def stop(self) -> None:
        """End."""
        await self._rounds.stop()

    def check(self) -> tuple[str, ...]:
        """Read the file, keep nothing of it, and return warnings; ConfigError or OSError when it is wrong."""
        return read_zone(self._wanted.path, self._wanted.apex, Disk()).warnings

    async def _look(self) -> None:
        """Read the file if it, or one that it includes, is not the one that was read."""
        if not self._disk.changed():
            return
        try:
            loaded = await beside(self._load)
        except (ConfigError, OSError) as error:
            self._tell(error)
            return
        self._told = ()
        self._take(loaded)

    def _load(self) -> Loaded:
        """Read the file beside the event loop; which files there are is known also when they are wrong."""
        self._disk = disk = Disk()
        told = 0

        def progress(records: int) -> None:
            nonlocal told
            if records >= told + MANY:
                told = records
                log.info("zone %s: %d records read so far", self._name, records)
            time.sleep(_BREATH)

        parsed = read_zone(self._wanted.path, self._wanted.apex, disk, progress=progress)
        former = self.served.contents
        if former is not None and _alike(former, parsed.contents, lambda: time.sleep(_BREATH)):
            return Loaded(None, parsed.warnings)
        return Loaded(zone(parsed.contents, lambda: progress(parsed.records)), parsed.warnings)

    def _take(self, loaded: Loaded) -> None:
        """Answer from another version of the zone; names that are new in it may have been answered by others."""
        for warning in loaded.warnings[:_MOST_TOLD]:
            log.warning("%s", warning)
        if len(loaded.warnings) > _MOST_TOLD:
            log.warning("%s: %d more warnings", self._wanted.path, len(loaded.warnings) - _MOST_TOLD)
        if loaded.zone is None:
            return
        former, found = self.served.contents, loaded.zone.contents
        log.info("zone %s: serial %d, %d records", self._name, found.serial, loaded.zone.size)
        if former is not None and not is_newer(found.serial, former.serial):
            log.warning(
                "%s: zone %s has changed, but its serial has not grown; secondaries will not see it",
                self._wanted.path,
                self._name,
            )
        self.served.take(loaded.zone)
        self._process.forget()

    def _tell(self, error: ConfigError | OSError) -> None:
        self._metrics.failures.add(self._name)
        lines = tuple(str(error).splitlines())
        if lines != self._told:
            for line in lines:
                log.error("the zone %s stays as it is: %s", self._name, line)
        self._told = lines


def _alike(former: Contents, contents: Contents, turn: Callable[[], None]) -> bool:
    """Say whether two versions of a zone hold the same; `turn` is called now and then."""
    if former.serial != contents.serial or len(former.rrsets) != len(contents.rrsets):
        return False
    return all(former.rrsets.get(owner) == types for owner, types in contents.in_turns(turn))
