"""Tells secondaries of each new version of a zone (RFC 1996), until they answer or seem to be away."""

import asyncio
import logging
from functools import partial
from secrets import token_bytes

from fedresolver.authority.zones import Source
from fedresolver.plugins.transfer.datagram import NO_ANSWER, Sending
from fedresolver.plugins.transfer.handler import Answering
from fedresolver.plugins.transfer.settings import Target, of_zone
from fedresolver.server.seldom import Seldom
from fedresolver.wire.const import Rcode, rcode_text
from fedresolver.wire.name import Name, to_text
from fedresolver.wire.notify import notify

WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds for which each try waits for its answer."""
SETTLE = 0.5
"""Seconds from the start to the first: who comes for a zone must find the listeners that have it."""
AT_ONCE = 50
"""How many are told at once."""
log = logging.getLogger("fedresolver.transfer")


class Told:
    """The last serial that each target has acknowledged, by zone: a unit with nothing to do, to outlive a reload."""

    def __init__(self) -> None:
        self.serials: dict[tuple[Name, Target], int] = {}

    async def start(self) -> None:
        """Begin with nothing."""

    async def stop(self) -> None:
        """End with nothing."""


class Notifier:
    """Tells the targets of the zones in `answering`; `failures` is where those are told of that do not listen."""

    def __init__(self, answering: Answering, told: Told, sending: Sending, failures: Seldom) -> None:
        self._answering = answering
        self._told = told.serials
        self._sending = sending
        self._failures = failures
        self._followed: list[tuple[Source, partial[None]]] = []
        self._tasks: dict[tuple[Name, Target], asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Follow the zones, and tell of those that are there when the listeners had time to open."""
        for apex, source in self._answering.zones.all():
            settings = of_zone(self._answering.settings, apex)
            if settings is None or not settings.to:
                continue
            if self._answering.contested(apex):
                self._warn_of_contest(apex)
                continue
            changed = partial(self._changed, apex, source, settings.targets)
            source.subscribe(changed)
            self._followed.append((source, changed))
        self._timer = asyncio.get_running_loop().call_later(SETTLE, self._begin)

    async def stop(self) -> None:
        """Follow no zone any more, and tell nobody."""
        for source, changed in self._followed:
            source.unsubscribe(changed)
        if self._timer is not None:
            self._timer.cancel()
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _begin(self) -> None:
        self._timer = None
        for _, changed in self._followed:
            changed()

    def _changed(self, apex: Name, source: Source, targets: tuple[Target, ...]) -> None:
        """Have all told that are not being told already: those are told of the newest version anyway."""
        if self._timer is not None:
            return
        for target in targets:
            if (apex, target) not in self._tasks:
                task = asyncio.get_running_loop().create_task(self._tell(apex, source, target))
                self._tasks[apex, target] = task
                task.add_done_callback(lambda _, pair=(apex, target): self._tasks.pop(pair))  # type: ignore[misc]

    async def _tell(self, apex: Name, source: Source, target: Target) -> None:
        """Tell one target of the newest version until it knows that, or does not answer."""
        pair = (apex, target)
        while (contents := source.contents) is not None and self._told.get(pair) != contents.serial:
            async with self._slots:
                known = await self._try(apex, source, target)
            if known is None:
                return
            self._told[pair] = known

    async def _try(self, apex: Name, source: Source, target: Target) -> int | None:
        """Return the serial that the target was told of; None when it does not answer, or the zone is gone."""
        said: int | str = NO_ANSWER
        for wait in WAITS:
            contents = source.contents
            if contents is None:
                return None
            said = await self._sending.send(notify(token_bytes(2), contents.soa), target, wait)
            if isinstance(said, int):
                self._answered(apex, target, said)
                return contents.serial
        self._count(apex, target, "unanswered")
        self._failures.warn(log, "NOTIFY of %s to %s: %s", to_text(apex), target, said)
        return None

    def _answered(self, apex: Name, target: Target, rcode: int) -> None:
        """Take note of an answer, which ends the telling whatever it is (RFC 1996 3.12)."""
        self._count(apex, target, "answered" if rcode == Rcode.NOERROR else "refused")
        if rcode != Rcode.NOERROR:
            self._failures.warn(log, "NOTIFY of %s to %s: it answers %s", to_text(apex), target, rcode_text(rcode))

    def _count(self, apex: Name, target: Target, outcome: str) -> None:
        self._answering.metrics.notifies.add(self._answering.server, to_text(apex), str(target), outcome)

    def _warn_of_contest(self, apex: Name) -> None:
        log.warning(
            "%s is a zone file and a federation's domain: it is transferred to nobody, for neither is all of it; "
            "give the federation a domain below the zone's",
            to_text(apex),
        )
