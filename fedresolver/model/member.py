"""A member cluster, and what may be believed of it."""

from collections.abc import Iterable
from enum import Enum

import msgspec

from fedresolver.model.event import Event, Expired, Failed, Restored, Stale, Synced
from fedresolver.model.place import Place


class Phase(Enum):
    """How far a member's word counts.

    `PENDING` was never listed and may still come: what depends on it is not known. `SYNCED` is as reported. `STALE` is
    the last known state, still answered. `EXPIRED` is a member whose shards count as unhealthy: it was stale for too
    long, or it is not listed and nobody waits for it.
    """

    PENDING = "pending"
    SYNCED = "synced"
    STALE = "stale"
    EXPIRED = "expired"


NEXT: dict[tuple[Phase, type[Event]], Phase] = {
    (Phase.PENDING, Synced): Phase.SYNCED,
    (Phase.PENDING, Restored): Phase.STALE,
    (Phase.PENDING, Stale): Phase.PENDING,  # what was never listed is not stale, it is missing
    (Phase.PENDING, Failed): Phase.PENDING,
    (Phase.SYNCED, Synced): Phase.SYNCED,
    (Phase.SYNCED, Stale): Phase.STALE,
    (Phase.SYNCED, Failed): Phase.SYNCED,
    (Phase.STALE, Synced): Phase.SYNCED,
    (Phase.STALE, Stale): Phase.STALE,
    (Phase.STALE, Expired): Phase.EXPIRED,
    (Phase.STALE, Failed): Phase.STALE,
    (Phase.EXPIRED, Synced): Phase.SYNCED,
    (Phase.EXPIRED, Stale): Phase.EXPIRED,
    (Phase.EXPIRED, Restored): Phase.STALE,
    (Phase.EXPIRED, Failed): Phase.EXPIRED,
}
"""What an event makes of a phase. A pair that is not here cannot be, and raises.

That nobody waits any longer (`startup_timeout`) is no event of a member: it makes all that is PENDING EXPIRED.
"""


class Member(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A member cluster: its places in order of their names, its phase, and when it was last heard if that is long ago.

    `since` is in seconds of the monotonic clock, and None while the member's word is current or there is none.
    `configured` is whether the places come from the configuration; until a member is listed nothing else says them.
    `failed` is why it cannot be listed, in one line.
    """

    name: str
    phase: Phase
    places: tuple[Place, ...] = ()
    configured: bool = False
    since: float | None = None
    failed: str = ""

    @property
    def known(self) -> bool:
        """Whether its shards are known, now or from an earlier time."""
        return self.phase is Phase.SYNCED or self.since is not None

    @property
    def listed(self) -> bool:
        """Whether its word counts."""
        return self.phase in (Phase.SYNCED, Phase.STALE)

    @property
    def placed(self) -> bool:
        """Whether it is known where the member is."""
        return self.phase is not Phase.PENDING or self.configured


def pending(members: Iterable[Member]) -> tuple[Member, ...]:
    """Return those that were never listed and may still come."""
    return tuple(member for member in members if member.phase is Phase.PENDING)


def certain(members: Iterable[Member]) -> bool:
    """Say whether each of them is listed, or given up, and none is stale: what is not here is nowhere."""
    return all(member.phase is not Phase.PENDING and member.since is None for member in members)
