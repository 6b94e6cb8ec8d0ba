"""The certificate of a server block, read at the start and again when its files have changed."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from fedresolver.config.errors import Place, StanzaError
from fedresolver.plugins.tls.pem import Clients, Paths, Pem, PemError, context, read
from fedresolver.watch.rounds import Rounds
from fedresolver.watch.stamp import Stamp, stamp
from fedresolver.watch.worker import beside

LOOK_SECONDS = 10.0
"""How often the files are looked at."""
log = logging.getLogger("fedresolver.tls")


class Wanted(NamedTuple):
    """Which files, and what is demanded of clients."""

    paths: Paths
    clients: Clients = Clients.NOT_ASKED


class Certificate:
    """What a server block shows to clients; `place` is where the Corefile says so.

    Files that do not fit together, as in the middle of a change, leave what was there last, and are told once. What is
    new is for new connections.
    """

    def __init__(self, wanted: Wanted, place: Place, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._wanted = wanted
        self._place = place
        self._pem: Pem | None = None
        self._stamps: tuple[Stamp | None, ...] = ()
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}
        self._told = ""
        self._rounds = Rounds("tls", LOOK_SECONDS, self._look, sleep)

    def context(self, *protocols: str) -> ssl.SSLContext:
        """Return how to speak TLS with a client that connects now; it is running."""
        found = self._contexts.get(protocols)
        if found is None:
            assert self._pem is not None  # it is read at the start
            found = self._contexts[protocols] = context(self._pem, *self._wanted, protocols)
        return found

    def check(self) -> tuple[str, ...]:
        """Read the files, of which there is no warning; StanzaError when they cannot be used. Waits for the disk."""
        self._checked()
        return ()

    def _checked(self) -> Pem:
        try:
            return self._read()
        except PemError as error:
            wrong, _, right = str(error).partition("; ")
            raise StanzaError(self._place, wrong, right) from error

    async def start(self) -> None:
        """Read the files, and begin to look at them; StanzaError when they cannot be used."""
        self._stamps = self._now()
        self._pem = await beside(self._checked)
        self._rounds.start()

    async def stop(self) -> None:
        """End; what is shown stays."""
        await self._rounds.stop()

    async def _look(self) -> None:
        """Read the files if one of them is not the one that was read."""
        stamps = self._now()  # before they are read: what changes meanwhile is seen at the next look
        if stamps == self._stamps:
            return
        try:
            pem = await beside(self._read)
        except PemError as error:
            self._tell(str(error))
            return
        self._stamps, self._told = stamps, ""
        if pem != self._pem:
            self._pem, self._contexts = pem, {}
            log.info("%s has changed: new connections are shown what it has now", self._wanted.paths.cert)

    def _now(self) -> tuple[Stamp | None, ...]:
        return tuple(stamp(path) for path in self._wanted.paths if path)

    def _read(self) -> Pem:
        """Return what is in the files; PemError when it cannot be used."""
        pem = read(self._wanted.paths)
        if pem != self._pem:
            context(pem, *self._wanted, ())
        return pem

    def _tell(self, what: str) -> None:
        if what != self._told:
            wrong = what.partition("; ")[0]
            log.error("%s; the certificate that was there before is shown", wrong)
        self._told = what
