"""Responses that are ready to be sent again, and those among them whose TTLs count down.

What counts down holds for a second at a time: then it is made anew from its octets, without asking anybody, at the
first message that wants it. So a repeat costs the same, whatever is repeated.
"""

import asyncio
from collections.abc import Callable
from itertools import compress, cycle, repeat
from operator import length_hint

import msgspec
from msgspec.structs import replace

from fedresolver.chain.handler import Cell, Guard, Life
from fedresolver.chain.plugin import Tally
from fedresolver.wire.ttl import aged

_GUARDED: Cell = [False]
_ID = 2
_SECOND = 1.0
_ENDLESS = 1 << 60


class Counting(msgspec.Struct, frozen=True, gc=False):
    """Responses after their IDs as they were at `born`, in turns: the offsets of their TTLs, and how long they hold.

    `turn` is the first that was to be sent in this second; what is left of `unsent` tells how many were.
    """

    responses: tuple[bytes, ...]
    places: tuple[tuple[int, ...], ...]
    born: float
    life: Life
    cell: Cell
    turn: int = 0
    unsent: object = None
    guards: tuple[Guard, ...] = ()

    @property
    def repeats(self) -> int:
        """How many of them were sent in this second."""
        return 0 if self.unsent is None else _ENDLESS - length_hint(self.unsent)


class Hot(msgspec.Struct, frozen=True, gc=False):
    """A response that may be sent again.

    `answers` yields its octets after the ID, in turns; `holds` says whether it still may; the tally counts it. `cell`
    is what those in a hurry look at: it is false for ever where there are `guards`, whom they would not ask.
    """

    answers: Callable[[], bytes]
    cell: Cell
    tally: Tally
    size: int
    holds: Cell
    counting: Counting | None = None
    guards: tuple[Guard, ...] = ()

    def again(self, message: bytes) -> bytes:
        """Return the response to one more of the same message, and count it."""
        response = message[:_ID] + self.answers()
        self.tally[0] += 1
        self.tally[1] += len(message)
        self.tally[2] += len(response)
        return response


def lasting(responses: tuple[bytes, ...], cell: Cell, tally: Tally, size: int, guards: tuple[Guard, ...] = ()) -> Hot:
    """Return what repeats `responses`, octets after the ID, in turns while `cell` is true and the guards agree."""
    answers = repeat(responses[0]) if len(responses) == 1 else cycle(responses)
    return Hot(answers.__next__, _GUARDED if guards else cell, tally, size, cell, None, guards)


class Seconds:
    """Makes what counts down, a second at a time. `clock` is monotonic, in seconds; without use no timer runs."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._cell: Cell = [False]
        self._ends = 0.0

    def counting(self, counting: Counting, tally: Tally, size: int) -> Hot | None:
        """Return what repeats the responses with the TTLs that they have now, until the second ends, or their life.

        None when that is over.
        """
        now = self._clock()
        if not counting.cell[0] or now >= counting.life.until:
            return None
        elapsed, turn = int(now - counting.born), counting.turn
        pairs = zip(counting.responses, counting.places, strict=True)
        responses = [aged(response, where, elapsed) for response, where in pairs]
        unsent = repeat(True, _ENDLESS)
        answers = compress(cycle(responses[turn:] + responses[:turn]), unsent)  # takes one of each at a time
        cell = self._until(counting.life.until, now)
        glance = _GUARDED if counting.guards else cell
        return Hot(answers.__next__, glance, tally, size, cell, replace(counting, unsent=unsent), counting.guards)

    def renewed(self, hot: Hot) -> Hot | None:
        """Return what goes on with `hot`, which does not hold any more; None when it is at its end."""
        counting = hot.counting
        if counting is None:
            return None
        repeats = counting.repeats
        counting.life.used(repeats)
        following = replace(counting, turn=(counting.turn + repeats) % len(counting.responses))
        return self.counting(following, hot.tally, hot.size)

    def _until(self, end: float, now: float) -> Cell:
        """Return a cell that is true until this second ends, the same for all; until `end` if that is earlier."""
        if not self._cell[0]:
            self._cell, self._ends = _lasting(_SECOND), now + _SECOND
        return self._cell if self._ends <= end else _lasting(end - now)


def _lasting(seconds: float) -> Cell:
    cell = [True]
    asyncio.get_running_loop().call_later(seconds, _end, cell)
    return cell


def _end(cell: Cell) -> None:
    cell[0] = False
