"""The secrets that cookies are made with, the newest first: given, drawn at random, or those in a file."""

import asyncio
import logging
import secrets as random
from collections.abc import Awaitable, Callable

from fedresolver.watch.octets import whole
from fedresolver.watch.rounds import Rounds
from fedresolver.watch.stamp import Stamp, stamp
from fedresolver.wire.cookie import SECRET

MOST = 4
"""Secrets that hold at a time: a cookie that is not ours is tried with each of them."""
LARGEST = 4096
"""Octets of a file that is read."""
log = logging.getLogger("fedresolver.cookie")


def secret(text: str) -> bytes:
    """Return the secret that stands in `text` in hexadecimal digits; ValueError when it is none."""
    octets = bytes.fromhex(text)
    if len(octets) != SECRET:
        raise ValueError(f"a secret has {SECRET} octets")
    return octets


class Drawn:
    """Secrets that are drawn at random every `interval` seconds; the one before still holds. `clock` is monotonic."""

    def __init__(
        self, interval: float, clock: Callable[[], float], draw: Callable[[int], bytes] = random.token_bytes
    ) -> None:
        self._interval = interval
        self._clock = clock
        self._draw = draw
        self._secrets: tuple[bytes, ...] = (draw(SECRET),)
        self._next = clock() + interval

    def secrets(self) -> tuple[bytes, ...]:
        """Return those that hold now."""
        now = self._clock()
        if now >= self._next:
            self._secrets = (self._draw(SECRET), self._secrets[0])
            self._next = now + self._interval
        return self._secrets

    async def start(self) -> None:
        """Do nothing: secrets are drawn when they are wanted."""

    async def stop(self) -> None:
        """Do nothing."""


class Filed:
    """Secrets in the file at `path`, a line each, looked at every `interval` seconds; never, if that is 0.

    A file that is away or has anything else in it leaves the secrets that were there last, and is told once.
    """

    def __init__(self, path: str, interval: float, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._path = path
        self._stamp: Stamp | None = None
        self._told = ""
        self._secrets: tuple[bytes, ...] = ()
        self._rounds = Rounds("cookie", interval, self._look, sleep)

    def secrets(self) -> tuple[bytes, ...]:
        """Return those that hold now."""
        return self._secrets

    def load(self) -> None:
        """Read the file; OSError or ValueError when it cannot be read or has no secrets."""
        found = stamp(self._path)  # before it is read: what changes meanwhile is seen at the next look
        self._secrets = _read(self._path)
        self._stamp, self._told = found, ""

    async def start(self) -> None:
        """Begin to look at the file."""
        self._rounds.start()

    async def stop(self) -> None:
        """End."""
        await self._rounds.stop()

    async def _look(self) -> None:
        if stamp(self._path) == self._stamp:
            return
        try:
            self.load()
        except (OSError, ValueError) as error:
            what = error.strerror if isinstance(error, OSError) else error
            self._tell(f"{self._path} cannot be used, the secrets that were there before stay: {what}")
        else:
            log.info("%s has changed: new cookies are made with its first secret", self._path)

    def _tell(self, what: str) -> None:
        if what != self._told:
            log.warning("%s", what)
        self._told = what


def _read(path: str) -> tuple[bytes, ...]:
    """Return the secrets in a file. No error shows what stands there."""
    found = whole(path, LARGEST)
    made = []
    for number, line in enumerate(found.decode("utf-8-sig", "replace").splitlines(), 1):
        word = line.partition("#")[0].strip()
        if word:
            try:
                made.append(secret(word))
            except ValueError:
                raise ValueError(f"line {number} is not {SECRET * 2} hexadecimal digits") from None
    if not 0 < len(made) <= MOST:
        raise ValueError(f"it has {len(made)} secrets; 1 to {MOST} can hold at a time")
    return tuple(made)
