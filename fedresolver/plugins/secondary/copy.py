"""The copy of one zone: it comes from its primaries, follows theirs, and ends when none has confirmed it in time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

import msgspec

from fedresolver.authority.served import ServedZone
from fedresolver.plugins.secondary.complaints import Complaints
from fedresolver.plugins.secondary.counts import Counts
from fedresolver.plugins.secondary.slots import Slots
from fedresolver.upstream.target import Target
from fedresolver.upstream.transfer.failure import TransferError
from fedresolver.upstream.transfer.primary import Transferred
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name, to_text
from fedresolver.wire.rr import RRset
from fedresolver.wire.serial import is_newer
from fedresolver.wire.tsig import Key
from fedresolver.zone.contents import Contents, serial_of
from fedresolver.zone.incoming import Limits
from fedresolver.zone.upkeep import State, Upkeep
from fedresolver.zone.zone import Zone

LEAST_GAP = 0.5
"""Seconds between two looks at the primaries, however often they tell of changes."""
NAMES_OF_RECORD = 2
"""How many names a zone may have for each record that it may have; a name takes about half of its memory."""
log = logging.getLogger("fedresolver.secondary")


class Source(Protocol):
    """A primary as a copy knows it."""

    target: Target
    key: Key | None

    async def soa(self, zone: Name) -> RRset:
        """Return the SOA of a zone as the primary has it now; TransferError when it does not say."""

    async def transfer(self, zone: Name, had: Contents | None, limits: Limits) -> Transferred:
        """Return the zone, or that it is what there was already; TransferError when there is none to be had."""


class Around(msgspec.Struct, frozen=True):
    """What all copies share: `clock` is monotonic and `wall` since the epoch, in seconds; `draw` is chance, 0 up to 1.

    `build` makes a zone ready to be asked, without holding up anybody, FormatError when it has more names than given;
    `slots` bounds how many come in at a time.
    """

    clock: Callable[[], float]
    wall: Callable[[], float]
    draw: Callable[[], float]
    build: Callable[[Contents, int], Awaitable[Zone]]
    slots: Slots


class Copy:
    """The copy of the zone `apex`, in `served`; `taken` is told when it holds another version than before."""

    def __init__(
        self, apex: Name, primaries: tuple[Source, ...], limits: Limits, around: Around, taken: Callable[[], None]
    ) -> None:
        self.served = ServedZone(apex)
        self.counts = Counts()
        self.tried = False
        self.refreshed_at: float | None = None
        self._primaries = primaries
        self._limits = limits
        self._around = around
        self._taken = taken
        self._upkeep = Upkeep(around.clock())
        self._held: Zone | None = None
        self._complaints = Complaints(log, to_text(apex), around.clock)
        self._notified = asyncio.Event()
        self._notifier = ""
        self._task: asyncio.Task[None] | None = None
        self._expiry: asyncio.TimerHandle | None = None

    @property
    def state(self) -> State:
        """How it stands."""
        return self._upkeep.state

    @property
    def _had(self) -> Contents | None:
        """The newest version that came, also when it may not be answered from any more."""
        return None if self._held is None else self._held.contents

    async def start(self) -> None:
        """Begin to ask the primaries."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name=f"secondary {to_text(self.served.apex)}")

    async def stop(self) -> None:
        """End; a transfer that is under way is given up."""
        if self._expiry is not None:
            self._expiry.cancel()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
            self._task = None

    def accepts(self, address: str, key: Name | None) -> bool:
        """Say whether a NOTIFY comes from a primary: from its address, or signed with its key."""
        return any(
            address == primary.target.host or (primary.key is not None and key == primary.key.name)
            for primary in self._primaries
        )

    def notify(self, address: str, serial: int | None) -> None:
        """Look at the primaries at once, that at `address` first, unless `serial` is no news (RFC 1996 3.7)."""
        had = self._had
        known = serial is not None and had is not None and not is_newer(serial, had.serial)
        if not known or self.state is not State.FRESH:
            self._notifier = address
            self._notified.set()

    async def _run(self) -> None:
        while True:
            began = self._around.clock()
            await self._round()
            await self._until_due(began)

    async def _until_due(self, began: float) -> None:
        """Wait until the primaries are to be asked again, or tell that they should be."""
        clock = self._around.clock
        with suppress(TimeoutError):
            async with asyncio.timeout(self._upkeep.due - clock()):
                await self._notified.wait()
        await asyncio.sleep(max(0.0, began + LEAST_GAP - clock()))

    async def _round(self) -> None:
        """Ask the primaries in turn, until one has a newer version than there is."""
        self._notified.clear()
        confirmed = False
        for primary in sorted(self._primaries, key=lambda one: one.target.host != self._notifier):
            try:
                if await self._is_newer_from(primary):
                    return
                confirmed = True
            except TransferError as error:
                self.counts.failed += 1
                self._complaints.add(str(error))
            except Exception as error:  # a zone that nobody thought of must not end the care for it
                self.counts.failed += 1
                self._complaints.add(f"{primary} sends what we fail at: {type(error).__name__}: {error}")
        self.tried = True
        if confirmed and self._held is not None:
            self._renew(self._held)
        else:
            self._upkeep.failed(self._around.clock(), self._around.draw())

    async def _is_newer_from(self, primary: Source) -> bool:
        """Take the version of a primary if it is newer; TransferError when that cannot be had or told."""
        apex, had = self.served.apex, self._had
        if had is not None:
            serial = serial_of(await primary.soa(apex))
            if serial == had.serial:
                return False
            if not is_newer(serial, had.serial):
                raise TransferError(f"{primary} has serial {serial}, which is older than {had.serial}")
        async with self._around.slots.one(primary.target.host):
            began = self._around.clock()
            transferred = await primary.transfer(apex, had, self._limits)
        if transferred.contents is None:
            return False
        zone = await self._built(primary, transferred.contents)
        self._renew(zone)
        self._tell(primary, transferred, self._around.clock() - began)
        return True

    async def _built(self, primary: Source, contents: Contents) -> Zone:
        try:
            return await self._around.build(contents, NAMES_OF_RECORD * self._limits.records)
        except FormatError as error:
            raise TransferError(f"{primary} sends {error} (`max_records`)") from error

    def _renew(self, zone: Zone) -> None:
        """Answer from a version that a primary has given or confirmed."""
        now = self._around.clock()
        self.tried = True
        self.refreshed_at = self._around.wall()
        self._upkeep.renewed(now, zone.contents.soa, self._around.draw())
        self._complaints.end()
        if zone is not self._held or self.served.contents is None:
            self._held = zone
            self.served.take(zone)
            self._taken()
        if self._expiry is not None:
            self._expiry.cancel()
        expires = self._upkeep.expires
        assert expires is not None
        self._expiry = asyncio.get_running_loop().call_later(expires - now, self._expire)

    def _expire(self) -> None:
        """Answer no more: no primary has confirmed the zone for too long."""
        self._upkeep.lapsed()
        self.counts.expired += 1
        self.served.take(None)
        log.error("%s: expired, no primary has confirmed it in time", to_text(self.served.apex))

    def _tell(self, primary: Source, transferred: Transferred, seconds: float) -> None:
        way = "IXFR" if transferred.is_difference else "AXFR"
        self.counts.transfers[way] += 1
        zone = to_text(self.served.apex)
        serial = 0 if self._had is None else self._had.serial
        log.info(
            "%s: serial %d from %s, %s of %d records in %.1f s",
            zone, serial, primary, way, transferred.received, seconds,
        )  # fmt: skip
        if transferred.left_out:
            log.warning("%s: %d records of %s are not of the zone and left out", zone, transferred.left_out, primary)
