"""Time that a test moves: nothing waits, and every timer still fires at its moment and in its turn."""

import asyncio
import selectors
from collections.abc import Iterator
from contextlib import contextmanager

_TURNS = 4
"""Turns of the loop after a leap: timers, what they wake, and what that wakes."""


class _Jump(selectors.SelectSelector):
    """A selector that does not wait for the next timer but moves the clock to it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "nothing would ever happen any more"
            self.now += max(timeout, 0)
        return ready


class Clock:
    """A clock that a test moves by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock begins at 0 and moves only while something in it sleeps."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass, with all that is due in them."""
        self.run_until_complete(asyncio.sleep(seconds))

    def block(self, seconds: float) -> None:
        """Let `seconds` pass in which nothing else runs: who calls this from the loop holds it up."""
        self._jump.now += seconds

    def settle(self) -> None:
        """Run what is due now."""
        self.advance(0)


class LeapLoop(asyncio.SelectorEventLoop):
    """An event loop for real sockets, whose clock runs as all clocks do, until a test makes it leap."""

    def __init__(self) -> None:
        self._leapt = 0.0
        super().__init__()

    def time(self) -> float:
        return super().time() + self._leapt

    async def leap(self, seconds: float) -> None:
        """Let `seconds` have passed, and run what is due by now."""
        self._leapt += seconds
        for _ in range(_TURNS):
            await asyncio.sleep(0)


async def leap(seconds: float) -> None:
    """Make the running loop leap."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, LeapLoop)
    await loop.leap(seconds)


@contextmanager
def virtual_loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    try:
        yield loop
    finally:
        loop.close()
