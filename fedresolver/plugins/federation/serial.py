"""The serial of a zone of ours: grows with its data, at most once per second."""

import asyncio
from collections.abc import Callable

from fedresolver.chain.handler import Cell
from fedresolver.wire.serial import MODULUS

_SECOND = 1.0


class Serial:
    """A serial (RFC 1982) that begins at the time of the wall clock; its `followers` are called when it has grown."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._value = int(wall())
        self._timer: asyncio.TimerHandle | None = None
        self._dirty = False
        self._cell = [True]
        self.followers: list[Callable[[], None]] = []

    @property
    def value(self) -> int:
        """The serial as it stands."""
        return self._value % MODULUS

    @property
    def ever(self) -> int:
        """The serial as it would be if it did not go round."""
        return self._value

    @property
    def cell(self) -> Cell:
        """What holds until the serial grows."""
        return self._cell

    def touch(self) -> None:
        """Take note that the data has changed: the serial grows now, or when a second has passed since it last did."""
        self._dirty = True
        if self._timer is None:
            self._grow()

    def pass_over(self, value: int) -> None:
        """Go on after `value`, which is one of before the start, if that is not so anyway."""
        self._value = max(self._value, value + 1)

    def _grow(self) -> None:
        self._timer = None
        if not self._dirty:
            return
        self._dirty = False
        self._value = max(self._value + 1, int(self._wall()))
        self._timer = asyncio.get_running_loop().call_later(_SECOND, self._grow)
        self._cell[0] = False
        self._cell = [True]
        for grown in tuple(self.followers):
            grown()

    async def start(self) -> None:
        """Have nothing to begin: the first change does."""

    async def stop(self) -> None:
        """Grow no more."""
        if self._timer is not None:
            self._timer.cancel()
