"""Log lines that strangers can cause: so many in a minute, and then how many there were beside them."""

import logging
from collections.abc import Callable

MOST = 10
SECONDS = 60.0
log = logging.getLogger("fedresolver.transfer")


class Lines:
    """Writes at most `MOST` lines in `SECONDS`; `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = float("-inf")
        self._written = 0
        self._left_out = 0

    def write(self, level: int, text: str) -> None:
        """Write a line, unless there were too many; the next one that is written says how many were left out."""
        now = self._clock()
        if now - self._since >= SECONDS:
            self._since, self._written = now, 0
        if self._written >= MOST:
            self._left_out += 1
            return
        self._written += 1
        more = f" ({self._left_out} lines before it were left out)" if self._left_out else ""
        self._left_out = 0
        log.log(level, "%s%s", text, more)
