"""Which load balancers are tried when, and which shards are doubtful by that.

Theory of operation. A shard of a lost member is tried every 5 seconds if it has accepted us before, one of a synced
member once when it is new and then hourly. There are at most 20 connections a second in all, so that who waits is
served in turn: the three kinds of tries by fixed shares, of each kind one member after the other. So no member, however
many addresses it has and however often it changes them, keeps another one's from being tried. Nothing is kept but the
doors that are there.
"""

from fedresolver.model.doubt import NEXT, Door, sign
from fedresolver.model.event import Doubted
from fedresolver.model.member import Phase
from fedresolver.model.round import NEVER, Kind, Round
from fedresolver.model.service import ServiceKey

RATE = 20
"""Connections a second at most."""
_TURNS = (
    (Kind.LOST, Kind.NEW, Kind.AGAIN),
    (Kind.LOST, Kind.NEW, Kind.AGAIN),
    (Kind.NEW, Kind.LOST, Kind.AGAIN),
    (Kind.AGAIN, Kind.LOST, Kind.NEW),
)


class Doubts:
    """The doors of all members that are probed; times are in monotonic seconds, and must not go back."""

    def __init__(self) -> None:
        self._rounds: dict[str, Round] = {}
        self._free_at = -NEVER
        self._turn = 0

    def learn(
        self, member: str, key: ServiceKey, addresses: tuple[bytes, ...], tcp_ports: tuple[int, ...]
    ) -> Doubted | None:
        """Take in where a shard can be reached; return that it is not doubtful any more, if that changes by it.

        Where nothing is new nothing changes. Without an address or a port there is nothing to try.
        """
        known = self._round(member).doors.get(key)
        if known is not None and (known.addresses, known.ports) == (addresses, tcp_ports):
            return None
        trusted = self.forget(member, key)
        if addresses and tcp_ports:
            self._round(member).add(Door(member, key, addresses, tcp_ports))
        return trusted

    def forget(self, member: str, key: ServiceKey) -> Doubted | None:
        """Forget a shard; return that it is not doubtful any more, if it was."""
        door = self._round(member).remove(key)
        return Doubted(member, key, False) if door is not None and door.doubtful else None

    def leave(self, member: str) -> None:
        """Forget a member with all its shards."""
        self._rounds.pop(member, None)

    def phase(self, member: str, phase: Phase) -> None:
        """Take note of a member's phase. One that is synced has no doubtful shards: its own word is the better one."""
        self._round(member).turn(phase)

    def is_lost(self, member: str) -> bool:
        """Say whether a member is known that was heard, and is not any more."""
        round_ = self._rounds.get(member)
        return round_ is not None and round_.lost

    def doubted(self) -> tuple[Doubted, ...]:
        """Return which shards are doubtful now."""
        doors = (door for round_ in self._rounds.values() for door in round_.doors.values())
        return tuple(Doubted(door.member, door.key, True) for door in doors if door.doubtful)

    def due(self, now: float) -> Door | None:
        """Return whose targets are to be tried now, the first of them at once; None when nothing is due."""
        if now < self._free_at:
            return None
        for kind in _TURNS[self._turn % len(_TURNS)]:
            for member, round_ in self._rounds.items():
                door = round_.take(kind, now)
                if door is not None:
                    self._rounds[member] = self._rounds.pop(member)
                    self._turn += 1
                    self.reserve(now)
                    return door
        return None

    def reserve(self, now: float) -> float:
        """Return when the next connection may be begun, which nobody else is given: those of a try after its first."""
        at = max(now, self._free_at)
        self._free_at = at + 1 / RATE
        return at

    def next_at(self) -> float:
        """Return when something is due again, infinity where nothing will be until something changes."""
        return max(
            self._free_at,
            min((round_.due_at(kind) for round_ in self._rounds.values() for kind in Kind), default=NEVER),
        )

    def tried(self, door: Door, accepted: bool | None, now: float, *, witness: bool) -> Doubted | None:
        """Take in how a try has ended; return whether its shard is doubtful, if that changes by it.

        `accepted` is None for a try that could not be made, which shows nothing. `witness` is whether somebody else is
        heard now. Of a shard that was changed or forgotten meanwhile nothing is believed.
        """
        round_ = self._rounds.get(door.member)
        if round_ is None or round_.doors.get(door.key) is not door:
            return None
        before = door.doubtful
        if accepted is not None:
            door.state = NEXT[door.state, sign(accepted=accepted, synced=round_.synced, witness=witness)]
        round_.put_back(door, now)
        return Doubted(door.member, door.key, door.doubtful) if door.doubtful is not before else None

    def _round(self, member: str) -> Round:
        if member not in self._rounds:
            self._rounds[member] = Round()
        return self._rounds[member]
