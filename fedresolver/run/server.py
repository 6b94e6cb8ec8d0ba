"""The running process: start, reload, drain, stop."""

import asyncio
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Iterable, Sequence

from fedresolver import __version__
from fedresolver.chain.plugin import Unit
from fedresolver.config.errors import Errors
from fedresolver.observe.metrics import Metrics
from fedresolver.run.build import DEFAULT_PORT, Built, Surroundings, build
from fedresolver.run.crowds import Crowds
from fedresolver.run.failure import FAILURES, reasons
from fedresolver.run.files import Disk, read_corefile
from fedresolver.run.listener import Means
from fedresolver.run.listeners import Listeners

_SETTLE_SECONDS = 0.5
_COLLECTIONS = 10_000, 10, 100
"""When garbage is looked for (gc.set_threshold): seldom, for what is kept of answers is much, and in no cycle."""
log = logging.getLogger("fedresolver")


class Server:
    """fedresolver with the Corefile at `path`; `port` is that of server blocks which name none."""

    def __init__(self, path: str, environ: dict[str, str], port: int = DEFAULT_PORT) -> None:
        self._path = path
        self._environ = environ
        self.metrics = Metrics()
        self._around = Surroundings(
            process=self, metrics=self.metrics, environ=environ, clock=time.monotonic, wall=time.time, port=port
        )
        panics = self.metrics.counter("fedresolver_panics_total", "Exceptions that left a handler, each a SERVFAIL.")
        panics.add(by=0)
        self._failures = self.metrics.counter("fedresolver_reload_failed_total", "Reloads that kept the old state.")
        self._failures.add(by=0)
        self._good = self.metrics.gauge(
            "fedresolver_reload_successful", "1 while the configuration that runs is the last that was read, else 0."
        )
        self._version = self.metrics.gauge(
            "fedresolver_reload_version_info", "The configuration that runs, by digest; always 1.", ("hash",)
        )
        https = self.metrics.counter(
            "fedresolver_https_responses_total", "Responses over HTTPS, by their status.", ("server", "status")
        )
        self.listeners = Listeners(Means(time.monotonic, panics, https))
        self._crowds = Crowds(self.metrics)
        self._built: Built | None = None
        self._told: tuple[str, ...] = ()
        self._reloading = asyncio.Lock()
        self._stop = asyncio.Event()
        self._stopping = False
        self._starting: asyncio.Task[None] | None = None

    @property
    def stopping(self) -> bool:
        """Whether the process was told to end."""
        return self._stopping

    @property
    def file(self) -> str:
        """The path of the Corefile."""
        return os.path.abspath(self._path)

    def listening(self) -> tuple[str, ...]:
        """Return the addresses where it answers."""
        return self.listeners.urls()

    def missing(self) -> tuple[str, ...]:
        """Return what keeps the process from being ready, a line each."""
        if self._built is None:
            return ("the listeners are not open yet",)
        found = (check() for check in self._built.missing)
        return tuple(line for text in found if text for line in text.splitlines())

    def notes(self) -> tuple[str, ...]:
        """Return what an operator should know of a process that is ready all the same, a line each."""
        return () if self._built is None else tuple(note for notes in self._built.notes for note in notes())

    def forget(self) -> None:
        """Make every answer anew."""
        self.listeners.forget()

    def _count_connections(self) -> None:
        self._crowds.read(self.listeners.dns.items())

    def changed(self) -> bool:
        """Say whether the configuration's files differ from those that run; what cannot be read differs."""
        try:
            digest = read_corefile(self._path, self._environ).digest
        except FAILURES:
            return True
        if self._built is None or digest != self._built.digest:
            return True
        self._told = ()
        self._good.set(1)
        return False

    async def start(self) -> None:
        """Start all that the Corefile describes; ConfigError or OSError when it cannot be."""
        async with self._reloading:
            built = self._build()
            log.info("fedresolver %s, Python %s", __version__, sys.version.split()[0])
            await self._go_over_to(built)

    async def reload(self) -> None:
        """Read the configuration again and go over to it; on any error keep the old one and log it.

        What is tried again and again is logged once, and again when a file has changed.
        """
        async with self._reloading:
            if self._stopping:
                return
            disk = Disk()
            try:
                built = self._build(disk)
                await self._go_over_to(built)
            except FAILURES as error:
                self._failures.add()
                self._good.set(0)
                self._tell(disk.digest(), reasons(error))
                return
            self._told = ()
            log.info("reloaded %s", self._path)

    def _tell(self, digest: str, lines: list[str]) -> None:
        """Log what is wrong with the files of this digest, unless that was the last thing to be logged of them."""
        if self._told == (digest, *lines):
            return
        self._told = (digest, *lines)
        for line in lines:
            log.error("reload failed, the old configuration stays: %s", line)

    async def run(self) -> None:
        """Start, serve until SIGTERM or SIGINT, and stop. SIGUSR1 reloads."""
        gc.set_threshold(*_COLLECTIONS)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop_soon)
        reloads: set[asyncio.Task[None]] = set()

        def reload() -> None:
            self._told = ()  # whoever asks for it waits for an answer
            task = loop.create_task(self.reload())
            reloads.add(task)
            task.add_done_callback(reloads.discard)

        loop.add_signal_handler(signal.SIGUSR1, reload)
        self._starting = loop.create_task(self.start())
        try:
            await self._starting
        except FAILURES:
            await self.stop()
            raise
        except asyncio.CancelledError:
            if not self._stopping:
                raise
        loop.call_later(_SETTLE_SECONDS, self._settle)
        await self._stop.wait()
        await self.stop()

    def _settle(self) -> None:
        """Put what was read at the start out of the garbage collector's sight, once everything is there.

        A full collection would look at every shard again and again, and no query is answered meanwhile.
        """
        if self.missing():
            asyncio.get_running_loop().call_later(_SETTLE_SECONDS, self._settle)
            return
        gc.collect()
        gc.freeze()

    def stop_soon(self) -> None:
        """Tell the process to end; from now on it is not ready."""
        self._stopping = True
        self._stop.set()
        if self._starting is not None:
            self._starting.cancel()  # what it still has to read nobody waits for

    async def stop(self) -> None:
        """Answer for the lameduck time, drain, and stop everything."""
        self._stopping = True
        built = self._built
        if built is None:
            return
        if built.lameduck:
            log.info("going to stop in %g s", built.lameduck)
            await asyncio.sleep(built.lameduck)
        async with self._reloading:
            await self.listeners.close()
            await _stop(built.units)
        for closing in built.closing:
            closing()
        log.info("stopped")

    def _build(self, disk: Disk | None = None) -> Built:
        former = {} if self._built is None else self._built.keys
        return build(read_corefile(self._path, self._environ, disk), self._around, former)

    async def _go_over_to(self, built: Built) -> None:
        """Start what is new in `built`, change over, stop what it does not have; on failure nothing is changed."""
        running = () if self._built is None else self._built.units
        later = built.slow if self._built is None else ()
        started: list[Unit] = []
        try:
            await _start((unit for unit in built.units if unit not in running and unit not in later), started)
            await self.listeners.open(built)
        except FAILURES:
            await _stop(started)
            raise
        self._built = built
        self.metrics.read_with((*built.readers, self._count_connections))
        await self.listeners.go_over(built)
        await _stop([unit for unit in running if unit not in built.units])
        self._good.set(1)
        self._version.clear()
        self._version.set(1, built.digest)
        for warning in built.warnings:
            log.warning("%s", warning)
        await _start(later, [])


async def _start(units: Iterable[Unit], started: list[Unit]) -> None:
    """Start units one after the other; those that were begun with are put into `started`.

    What is wrong with the files of several is raised together.
    """
    errors = Errors()
    for unit in units:
        started.append(unit)
        with errors.gather():
            await unit.start()
    errors.raise_any()


async def _stop(units: Sequence[Unit]) -> None:
    """Stop units, the last started first."""
    for unit in reversed(units):
        await unit.stop()
