"""Log lines that strangers can cause: at most one in ten seconds, with the number of those that were left out."""

import logging
from collections.abc import Callable

_SECONDS = 10.0


class Seldom:
    """Writes a line now and then. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._next = clock()
        self._left_out = 0

    def warn(self, log: logging.Logger, text: str, *words: object) -> None:
        """Log a warning, unless a line was logged a short time ago."""
        self.tell(log, logging.WARNING, text, *words)

    def tell(self, log: logging.Logger, level: int, text: str, *words: object) -> None:
        """Log a line of a level, unless one was logged a short time ago."""
        now = self._clock()
        if now < self._next:
            self._left_out += 1
            return
        more = f" ({self._left_out} more such lines were left out)" if self._left_out else ""
        self._next, self._left_out = now + _SECONDS, 0
        log.log(level, "%s%s", text % words, more)
