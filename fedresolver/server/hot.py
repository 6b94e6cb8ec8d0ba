"""Responses that are ready to be sent again, and those among them whose TTLs count down.

What counts down holds for a second at a time: then it is made anew from its octets, without asking anybody, at the
first message that wants it. So a repeat costs the same, whatever is repeated.
"""

import asyncio
from collections.abc import Callable
from itertools import chain, cycle, repeat
from operator import length_hint

import msgspec
from msgspec.structs import replace

from fedresolver.chain.handler import Cell, Life
from fedresolver.chain.plugin import Tally
from fedresolver.wire.ttl import aged

_ID = 2
_ENDLESS = 1 << 60


class Counting(msgspec.Struct, frozen=True, gc=False):
    """Responses after their IDs as they were at `born`, in turns: the offsets of their TTLs, and how long they hold.

    `sent` is what yields the turns of this second: what is left of it tells how many were sent.
    """

    responses: tuple[bytes, ...]
    places: tuple[tuple[int, ...], ...]
    born: float
    life: Life
    cell: Cell
    sent: object

    @property
    def repeats(self) -> int:
        """How often one of them was sent in this second, but for the turns that are not through."""
        return (_ENDLESS - length_hint(self.sent)) * len(self.responses)


class Hot(msgspec.Struct, frozen=True, gc=False):
    """A response that may be sent again.

    `answers` yields its octets after the ID, in turns; the cell says whether it still holds; the tally counts it.
    """

    answers: Callable[[], bytes]
    cell: Cell
    tally: Tally
    size: int
    counting: Counting | None = None

    def again(self, message: bytes) -> bytes:
        """Return the response to one more of the same message, and count it."""
        response = message[:_ID] + self.answers()
        self.tally[0] += 1
        self.tally[1] += len(message)
        self.tally[2] += len(response)
        return response


def lasting(responses: tuple[bytes, ...], cell: Cell, tally: Tally, size: int) -> Hot:
    """Return what repeats `responses`, octets after the ID, in turns while `cell` is true."""
    answers = repeat(responses[0]) if len(responses) == 1 else cycle(responses)
    return Hot(answers.__next__, cell, tally, size)


class Seconds:
    """Makes what counts down, a second at a time. `clock` is monotonic, in seconds; without use no timer runs."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._cell: Cell = [False]

    def counting(self, counting: Counting, tally: Tally, size: int) -> Hot:
        """Return what repeats the responses with the TTLs that they have now, until the second ends."""
        elapsed = int(self._clock() - counting.born)
        pairs = zip(counting.responses, counting.places, strict=True)
        responses = tuple(aged(response, where, elapsed) for response, where in pairs)
        if len(responses) == 1:
            one = repeat(responses[0], _ENDLESS)
            return Hot(one.__next__, self._now(), tally, size, replace(counting, sent=one))
        rounds = repeat(responses, _ENDLESS)
        answers = chain.from_iterable(rounds)
        return Hot(answers.__next__, self._now(), tally, size, replace(counting, sent=rounds))

    def renewed(self, hot: Hot) -> Hot | None:
        """Return what goes on with `hot`, which does not hold any more; None when it is at its end."""
        counting = hot.counting
        if counting is None:
            return None
        counting.life.used(counting.repeats)
        if not counting.cell[0] or self._clock() >= counting.life.until:
            return None
        return self.counting(counting, hot.tally, hot.size)

    def _now(self) -> Cell:
        if not self._cell[0]:
            self._cell = [True]
            asyncio.get_running_loop().call_later(1.0, _end, self._cell)
        return self._cell


def _end(cell: Cell) -> None:
    cell[0] = False
