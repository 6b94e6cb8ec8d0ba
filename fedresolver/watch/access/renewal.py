"""Credentials that end, and are got anew before they do."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from fedresolver.watch.access.credentials import Identity
from fedresolver.watch.access.entry import AccessError


class Lease(msgspec.Struct, frozen=True):
    """An identity, and until when it is shown: seconds since the epoch, infinity where it does not say when it ends."""

    identity: Identity
    until: float


class Renewed:
    """Credentials that `renew` gets when they are needed, asked by one caller at a time.

    `wall` is in seconds since the epoch.
    """

    def __init__(self, renew: Callable[[], Awaitable[Lease]], wall: Callable[[], float]) -> None:
        self._renew = renew
        self._wall = wall
        self._lease: Lease | None = None
        self._failures: list[str] = []
        self._renewing = asyncio.Lock()

    async def identity(self) -> Identity:
        """Return what was got last, or is got now when that ends; who waited for a failure has failed too."""
        failures = self._failures
        async with self._renewing:
            if self._lease is None or self._wall() >= self._lease.until:
                if failures is not self._failures:
                    raise AccessError(self._failures[0])
                self._lease = await self._renewal()
            return self._lease.identity

    def rejected(self) -> None:
        """Get others for the next request."""
        self._lease = None

    async def _renewal(self) -> Lease:
        try:
            return await self._renew()
        except AccessError as error:
            self._failures = [str(error)]
            raise
