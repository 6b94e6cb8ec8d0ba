"""Runs the machine of `reflector` for one kind of objects of one member."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from fedresolver.model.objects import Object, Ref
from fedresolver.watch.cluster.connection import Connection
from fedresolver.watch.cluster.feed import Feed
from fedresolver.watch.cluster.kind import Kind
from fedresolver.watch.cluster.pace import LONGEST_LEAVE
from fedresolver.watch.cluster.reflector import NEXT, Pause, Sign, State
from fedresolver.watch.cluster.surroundings import Surroundings
from fedresolver.watch.cluster.trouble import Trouble, TroubleError

_QUICK = 1.0  # seconds; watches that end sooner, again and again, are slowed down
_MOST_FREE = 2  # failures in a row after which what needs no pause by the table still has none
_MOST_QUICK = 3  # such watches in a row; then they are not believed to have told everything
SIGNS = {
    Trouble.DIAL: Sign.BROKEN,
    Trouble.TLS: Sign.BROKEN,
    Trouble.TIMEOUT: Sign.BROKEN,
    Trouble.BROKEN: Sign.BROKEN,
    Trouble.REFUSED: Sign.BROKEN,
    Trouble.UNAUTHORIZED: Sign.UNAUTHORIZED,
    Trouble.FORBIDDEN: Sign.FORBIDDEN,
    Trouble.ABSENT: Sign.ABSENT,
    Trouble.GONE: Sign.GONE,
    Trouble.INVALID: Sign.UNSUPPORTED,
    Trouble.DAMAGED: Sign.DAMAGED,
    Trouble.TOO_LARGE: Sign.DAMAGED,
}
_FINE = frozenset(
    [(state, sign) for state in State for sign in (Sign.TOLD, Sign.CLOSED, Sign.MUTE)]
    + [(State.STREAM, Sign.UNSUPPORTED)]  # many servers cannot do that
) - {(State.STREAM, Sign.CLOSED)}


class Owner(Protocol):
    """The member that is watched."""

    def changed(self, changes: Sequence[Object | Ref]) -> None:
        """Be told which objects are new or have changed, or are gone, in this order."""

    def well(self, kind: Kind, *, listed: bool) -> None:
        """Be told that the kind was listed anew, or that its watch goes on."""

    def ill(self, kind: Kind, error: TroubleError) -> None:
        """Be told that a request failed."""

    def flawed(self, kind: Kind, flaw: str) -> None:
        """Be told why an object cannot be believed."""

    def shown(self, changed_at: str) -> None:
        """Be told that the answers show a change of endpoints, made at a time as RFC 3339 has it."""


class Watcher:
    """Keeps what a member has of `kind`.

    `at` is when the kind was last known to be as held, None when it never was. `skipped` is whether the member is
    taken without it, for it never let us see it. `trouble` is why requests fail, None while they do not.
    """

    def __init__(
        self,
        kind: Kind,
        connection: Connection,
        owner: Owner,
        around: Surroundings,
    ) -> None:
        self.kind = kind
        self.feed = Feed(kind, connection, self, around.pace)
        self.at: float | None = None
        self.skipped = False
        self.trouble: TroubleError | None = None
        self.changed = owner.changed
        self.shown = owner.shown
        self._owner = owner
        self._pace = around.pace
        self._clock = around.clock
        self._chance = around.chance
        self._failures = 0
        self._quick = 0
        self._leave = 0.0

    async def run(self) -> None:
        """Follow the kind, from a list on, until cancelled."""
        state = State.STREAM
        self._failures = self._quick = 0
        while True:
            began = self._clock()
            sign = await self._request(state)
            self._count(state, sign, self._clock() - began)
            step = NEXT[state, sign]
            await self._wait(step.pause, state)
            state = step.state

    def heard(self) -> bool:
        """Take note that the member told how the kind stands; return whether it comes too late to go on from there."""
        if self._late():
            return True
        self.at = self._clock()
        return False

    def opened(self) -> None:
        """Take note that the watch goes on."""
        self.at = self._clock()
        self.trouble = None
        self._owner.well(self.kind, listed=False)

    def flawed(self, flaw: str) -> None:
        """Pass on that an object cannot be believed."""
        self._owner.flawed(self.kind, flaw)

    def _count(self, state: State, sign: Sign, took: float) -> None:
        """Count failures in a row, and among them the watches that ended soon."""
        soon = state is State.WATCH and took < _QUICK
        if state is State.WATCH and not soon:
            self._failures = 0
        if soon:
            self._quick += 1
        elif state is not State.CHECK and sign is not Sign.UNSUPPORTED:
            self._quick = 0
        if soon or (state, sign) not in _FINE:
            self._failures += 1

    async def _wait(self, pause: Pause, state: State) -> None:
        leave, self._leave = self._leave, 0.0
        if pause is Pause.RENEW:
            await asyncio.sleep(max(leave, self._renewal()))
        elif pause is Pause.BACK_OFF or (state is State.WATCH and self._is_hasty()):
            await asyncio.sleep(max(leave, self._pace.back_off(self._failures, self._chance())))

    def _is_hasty(self) -> bool:
        """Say whether watches end soon again and again, one after the other or with a new list between them."""
        return self._quick > 1 or (self._quick == 1 and self._failures > _MOST_FREE)

    def _renewal(self) -> float:
        """Return after how long a quiet watch ends; not all at the same moment."""
        return self._pace.renew * (0.8 + 0.2 * self._chance())

    async def _request(self, state: State) -> Sign:
        try:
            match state:
                case State.STREAM:
                    return self._told(await self.feed.stream())
                case State.LIST:
                    return self._told(await self.feed.pages())
                case State.CHECK:
                    lost = self._late() or self._quick >= _MOST_QUICK
                    return Sign.LATE if lost else await self.feed.check()
                case State.WATCH:
                    return Sign.LATE if self._late() else await self.feed.watch(max(1, int(self._renewal())))
        except TroubleError as error:
            return await self._failed(state, error)

    def _told(self, sign: Sign) -> Sign:
        if sign is Sign.TOLD:
            self.at = self._clock()
            self.skipped = False
            self._owner.well(self.kind, listed=True)
        return sign

    async def _failed(self, state: State, error: TroubleError) -> Sign:
        if error.trouble is Trouble.ABSENT and self.kind.group:
            if state is State.LIST:  # a member that does not know the resource has none of it
                await self.feed.nothing()
                self.trouble = None
                self._told(Sign.TOLD)
            return Sign.ABSENT
        self.trouble = error
        self._leave = min(error.after, LONGEST_LEAVE)
        self._owner.ill(self.kind, error)
        if error.trouble is Trouble.FORBIDDEN and self.kind.optional and self.at is None and not self.skipped:
            self.skipped = True
            self._owner.well(self.kind, listed=False)
        return SIGNS[error.trouble]

    def _late(self) -> bool:
        return self.at is None or self._clock() - self.at > self._pace.stale_after
