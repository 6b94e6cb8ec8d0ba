"""The order in which one member's load balancers are tried."""

from enum import Enum

from fedresolver.model.doubt import NEXT, Door, Sign, State
from fedresolver.model.member import Phase
from fedresolver.model.service import ServiceKey

LOST_SECONDS = 5.0
"""Between two tries of a shard whose member is lost."""
SYNCED_SECONDS = 3600.0
"""Between two tries of a shard whose member is synced."""
NEVER = float("inf")


class Kind(Enum):
    """Why a shard is tried: its member is lost, it is new, or its hour has passed."""

    LOST = "lost"
    NEW = "new"
    AGAIN = "again"


class Round:
    """The doors of one member, in the order of their last tries; one that is being tried stands in no queue."""

    def __init__(self) -> None:
        self.phase = Phase.PENDING
        self.doors: dict[ServiceKey, Door] = {}
        self._new: dict[ServiceKey, Door] = {}
        self._open: dict[ServiceKey, Door] = {}
        self._shut: dict[ServiceKey, Door] = {}
        self._paced_at = 0.0

    @property
    def synced(self) -> bool:
        """Whether what is seen now can be compared with later."""
        return self.phase is Phase.SYNCED

    @property
    def lost(self) -> bool:
        """Whether the member was heard, and is not any more."""
        return self.phase in (Phase.STALE, Phase.EXPIRED)

    def add(self, door: Door) -> None:
        """Take in a door that was never tried."""
        self.doors[door.key] = door
        self._new[door.key] = door

    def remove(self, key: ServiceKey) -> Door | None:
        """Forget a door, and return it; None where there is none."""
        for queue in (self._new, self._open, self._shut):
            queue.pop(key, None)
        return self.doors.pop(key, None)

    def turn(self, phase: Phase) -> None:
        """Take note of the member's phase: when it is synced again its doubtful shards are trusted, and tried next."""
        back = phase is Phase.SYNCED and not self.synced
        self.phase = phase
        if not back:
            return
        doubted = {key: door for key, door in self._open.items() if door.doubtful}
        for door in self.doors.values():
            if door.doubtful:
                door.state, door.tried_at = NEXT[door.state, Sign.BACK], -NEVER
        self._open = doubted | self._open

    def due_at(self, kind: Kind) -> float:
        """Return when the next try for this reason is due, in monotonic seconds; `NEVER` where there is none."""
        door = self._next(kind)
        if door is None:
            return NEVER
        match kind:
            case Kind.LOST:
                return door.tried_at + LOST_SECONDS
            case Kind.NEW:
                return -NEVER
            case Kind.AGAIN:  # evenly over the hour, however they came
                step = SYNCED_SECONDS / (len(self._open) + len(self._shut))
                return min(self._paced_at + step, door.tried_at + SYNCED_SECONDS)

    def take(self, kind: Kind, now: float) -> Door | None:
        """Return the door to be tried next for this reason, and none of its queue any more; None where none is due."""
        door = self._next(kind)
        if door is None or self.due_at(kind) > now:
            return None
        self._queue(door).pop(door.key)
        door.tried_at = now
        return door

    def put_back(self, door: Door, now: float) -> None:
        """Take back a door that was tried: it is last now."""
        self._paced_at = now
        self._queue(door)[door.key] = door

    def _next(self, kind: Kind) -> Door | None:
        if kind is Kind.LOST:
            return _first(self._open) if self.lost else None
        if not self.synced:
            return None
        if kind is Kind.NEW:
            return _first(self._new)
        heads = [door for door in (_first(self._open), _first(self._shut)) if door is not None]
        return min(heads, key=lambda door: door.tried_at, default=None)

    def _queue(self, door: Door) -> dict[ServiceKey, Door]:
        match door.state:
            case State.UNTRIED:
                return self._new
            case State.OPEN | State.DOUBTFUL:
                return self._open
            case State.SHUT:
                return self._shut


def _first(queue: dict[ServiceKey, Door]) -> Door | None:
    return next(iter(queue.values()), None)
