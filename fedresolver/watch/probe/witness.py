"""Hosts that accept connections whenever we are not cut off ourselves."""

import asyncio
import socket
from collections.abc import Callable

from fedresolver.watch.probe.connect import SECONDS, accepts
from fedresolver.watch.worker import beside

EVERY = 5.0
"""Seconds between two tries."""


class Witnesses:
    """The unit that tries `hosts`, each a name or an address with a port, while somebody wants to know.

    `clock` is monotonic, in seconds; `heard_at` is when one last accepted a connection, -inf where none ever did.
    """

    def __init__(self, hosts: tuple[tuple[str, int], ...], clock: Callable[[], float]) -> None:
        self.heard_at = float("-inf")
        self._hosts = hosts
        self._clock = clock
        self._wanted = False
        self._running = False
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def wanted(self) -> bool:
        """Whether they are tried: while a remote member is lost."""
        return self._wanted

    @wanted.setter
    def wanted(self, wanted: bool) -> None:
        self._wanted = wanted
        self._turn()

    async def start(self) -> None:
        """Begin, if they are wanted."""
        self._running = True
        self._turn()

    async def stop(self) -> None:
        """Try none any more."""
        tasks, self._running = self._tasks, False
        self._turn()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _turn(self) -> None:
        """Bring what runs into line with what is wanted."""
        runs = self._running and self._wanted
        if runs and not self._tasks:
            self._tasks = [asyncio.create_task(self._watch(*host)) for host in self._hosts]
        elif not runs:
            for task in self._tasks:
                task.cancel()
            self._tasks = []

    async def _watch(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        while True:
            next_at = loop.time() + EVERY
            for address in await _addresses(host, port):
                if await accepts(address, port):
                    self.heard_at = self._clock()
                    break
            await asyncio.sleep(next_at - loop.time())


async def _addresses(host: str, port: int) -> list[bytes]:
    """Return the packed addresses of a host, none when they are not known within 2 seconds.

    The look-up runs in a thread that nobody waits for: not the loop's own, for which the end of the process waits.
    """
    try:
        async with asyncio.timeout(SECONDS):
            found = await beside(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        return list(dict.fromkeys(socket.inet_pton(family, str(address[0])) for family, _, _, _, address in found))
    except (OSError, UnicodeError):  # a time-out is an OSError, and so is an address with a scope
        return []
