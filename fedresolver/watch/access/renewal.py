"""Credentials that end, and are got anew before they do."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from fedresolver.watch.access.credentials import Identity
from fedresolver.watch.access.entry import AccessError

_AGAIN = 30.0  # seconds after a renewal that failed early, until the next
_log = logging.getLogger("fedresolver.federation")


class Lease(msgspec.Struct, frozen=True):
    """An identity, when another is to be had, and when this one ends.

    Both are in seconds since the epoch, and infinity where it does not say when it ends.
    """

    identity: Identity
    until: float
    end: float


class Renewed:
    """Credentials that `renew` gets when they are needed, asked by one caller at a time.

    They are renewed before they end; when that fails they are shown until then. `wall` is in seconds since the epoch.
    """

    def __init__(self, renew: Callable[[], Awaitable[Lease]], wall: Callable[[], float]) -> None:
        self._renew = renew
        self._wall = wall
        self._lease: Lease | None = None
        self._due = 0.0
        self._warned = False
        self._failures: list[str] = []
        self._renewing = asyncio.Lock()

    async def identity(self) -> Identity:
        """Return what was got last, or is got now when that ends; who waited for a failure has failed too."""
        failures = self._failures
        async with self._renewing:
            if self._lease is None or self._wall() >= self._due:
                if failures is not self._failures:
                    raise AccessError(self._failures[0])
                self._lease = await self._renewal()
            return self._lease.identity

    def rejected(self) -> None:
        """Get others for the next request."""
        self._lease = None

    async def _renewal(self) -> Lease:
        try:
            lease = await self._renew()
        except AccessError as error:
            if self._lease is None or self._wall() >= self._lease.end:
                self._failures = [str(error)]
                raise
            return self._kept(self._lease, error)
        self._due, self._warned = lease.until, False
        return lease

    def _kept(self, lease: Lease, error: AccessError) -> Lease:
        """Return what there is, which is good for a while, after a renewal has failed."""
        now = self._wall()
        self._due = min(now + _AGAIN, lease.end)
        if not self._warned:
            self._warned = True
            _log.warning("%s; the credentials that there are end in %.0f s", error, lease.end - now)
        return lease
