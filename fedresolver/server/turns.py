"""Work that is done a piece at a time: one piece in each turn of the event loop, whoever has it to do."""

import asyncio
from collections import deque
from collections.abc import Callable


class Turns:
    """Makes calls in the order in which it is asked for them; all else in the event loop has its turn in between."""

    def __init__(self) -> None:
        self._calls: deque[Callable[[], None]] = deque()

    def take(self, call: Callable[[], None]) -> None:
        """Have `call` made when those before it were."""
        if not self._calls:
            asyncio.get_running_loop().call_soon(self._next)
        self._calls.append(call)

    def _next(self) -> None:
        call = self._calls.popleft()
        if self._calls:
            asyncio.get_running_loop().call_soon(self._next)
        call()
