"""A member cluster, and what may be believed of it."""

from enum import Enum

import msgspec

from fedresolver.model.place import Place


class Phase(Enum):
    """How far a member's word counts.

    `PENDING` was never listed and may still come: what depends on it is not known. `SYNCED` is as reported. `STALE` is
    the last known state, still answered. `EXPIRED` is a member whose shards count as unhealthy.
    """

    PENDING = "pending"
    SYNCED = "synced"
    STALE = "stale"
    EXPIRED = "expired"


class Member(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A member cluster: its places in order of their names, its phase, and since when it is stale (monotonic seconds).

    `configured` is whether the places come from the configuration; until a member is listed nothing else says them.
    """

    name: str
    phase: Phase
    places: tuple[Place, ...] = ()
    configured: bool = False
    since: float = 0.0
    failed: str = ""

    @property
    def listed(self) -> bool:
        """Whether its shards are known, now or from an earlier time."""
        return self.phase in (Phase.SYNCED, Phase.STALE)

    @property
    def placed(self) -> bool:
        """Whether it is known where the member is."""
        return self.phase is not Phase.PENDING or self.configured
