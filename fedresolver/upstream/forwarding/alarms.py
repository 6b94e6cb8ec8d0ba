"""Calls that are due a fixed time after they were asked for: one timer for thousands of them."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol


class Sleeper(Protocol):
    """Who is to be woken, unless that is not needed any more."""

    @property
    def done(self) -> bool:
        """Whether it needs no call any more."""

    def wake(self) -> None:
        """Be called: the time has come."""


class Alarms:
    """Wakes each sleeper `delay` seconds after it was put here. `clock` is that of the event loop."""

    def __init__(self, delay: float, clock: Callable[[], float]) -> None:
        self._delay = delay
        self._clock = clock
        self._queue: deque[tuple[float, Sleeper]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, sleeper: Sleeper) -> None:
        """Wake `sleeper` when the time has come."""
        queue = self._queue
        while queue and queue[0][1].done:
            queue.popleft()
        queue.append((self._clock() + self._delay, sleeper))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._delay, self._ring)

    def clear(self) -> None:
        """Wake nobody any more."""
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        queue, now = self._queue, self._clock()
        try:
            while queue and (queue[0][0] <= now or queue[0][1].done):
                sleeper = queue.popleft()[1]
                if not sleeper.done:
                    sleeper.wake()
        finally:  # should one fail, the others are not left without their call
            self._timer = None
            if queue:
                self._timer = asyncio.get_running_loop().call_later(queue[0][0] - now, self._ring)
