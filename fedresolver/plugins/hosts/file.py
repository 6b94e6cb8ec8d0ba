"""The hosts file on the disk: read at the start, and again when it has changed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from fedresolver.chain.setup import Process
from fedresolver.plugins.hosts.table import Table, table
from fedresolver.plugins.hosts.text import Contents, Entry, read
from fedresolver.watch.octets import whole
from fedresolver.watch.rounds import Rounds
from fedresolver.watch.stamp import Stamp, stamp
from fedresolver.watch.worker import beside
from fedresolver.wire.name import Name

LARGEST = 16 * 1024 * 1024
"""Octets of a file that is read."""
SMALL = 64 * 1024
"""Octets of a file that is read in the event loop: a thread would cost more than it spares."""

log = logging.getLogger("fedresolver.hosts")


class Wanted(NamedTuple):
    """What is wanted of a hosts file: names in `zones`, those of `inline` too, TTL and seconds between looks."""

    path: str
    zones: frozenset[Name]
    inline: tuple[Entry, ...]
    ttl: int
    reverse: bool
    reload: float


class HostsFile:
    """The names in a file, looked at again every `reload` seconds; never, if that is 0.

    A file that is away or cannot be read leaves what was there last, and is told once.
    """

    def __init__(
        self,
        wanted: Wanted,
        process: Process,
        wall: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._wanted = wanted
        self._process = process
        self._wall = wall
        self._stamp: Stamp | None = None
        self._told = ""
        self._rounds = Rounds("hosts", wanted.reload, self._look, sleep)
        self.table = self._made(())
        self.read_at: float | None = None

    async def start(self) -> None:
        """Read the file, and begin to look at it."""
        await self._look()
        self._rounds.start()

    async def stop(self) -> None:
        """End."""
        await self._rounds.stop()

    async def _look(self) -> None:
        """Read the file if it is not the one that was read."""
        found = stamp(self._wanted.path)  # before it is read: what changes meanwhile is seen at the next look
        if found == self._stamp:
            return
        if found is None:
            self._tell(f"{self._wanted.path} is away, its last content stays")
            self._stamp = None
            return
        try:
            contents, made = self._load() if found[1] <= SMALL else await beside(self._load)
        except OSError as error:
            self._tell(f"{self._wanted.path} cannot be read, its last content stays: {error.strerror}")
            return
        self._stamp, self._told, self.read_at = found, "", self._wall()
        self._take(made)
        if contents.wrong:
            others = f", and so are {contents.wrong - 1} others" if contents.wrong > 1 else ""
            log.warning("%s; the line is left out%s", contents.first, others)

    def _load(self) -> tuple[Contents, Table]:
        found = whole(self._wanted.path, LARGEST)
        contents = read(found.decode("utf-8-sig", "replace"), self._wanted.path)
        return contents, self._made(contents.entries)

    def _made(self, entries: tuple[Entry, ...]) -> Table:
        wanted = self._wanted
        return table((*entries, *wanted.inline), wanted.zones, wanted.ttl, reverse=wanted.reverse)

    def _take(self, made: Table) -> None:
        """Answer from another table; names that are new in it may have been answered by others until now."""
        former, self.table = self.table, made
        former.cell[0] = False
        if not made.records.keys() <= former.records.keys():
            self._process.forget()

    def _tell(self, what: str) -> None:
        if what != self._told:
            log.warning("%s", what)
        self._told = what
