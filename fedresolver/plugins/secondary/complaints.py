"""What is wrong with the primaries of a zone, for the log: once, not each time that they are asked."""

import logging
from collections.abc import Callable

AGAIN = 600.0
"""Seconds after which the log is told again, when it is something else."""
LONGEST = 300
_MOST = 8


class Complaints:
    """Logs what is wrong with a zone, until it ends: each thing once, and something new now and then.

    `clock` is monotonic, in seconds. Primaries can make up new complaints for ever, so most of them are not logged.
    """

    def __init__(self, log: logging.Logger, zone: str, clock: Callable[[], float]) -> None:
        self._log = log
        self._zone = zone
        self._clock = clock
        self._told: dict[str, None] = {}
        self._since = 0.0

    def add(self, text: str) -> None:
        """Take in a complaint."""
        text = text[:LONGEST]
        if text in self._told:
            return
        now = self._clock()
        if len(self._told) >= _MOST and now < self._since + AGAIN:
            return
        if len(self._told) >= _MOST:
            self._told.clear()
        if not self._told:
            self._since = now
        self._told[text] = None
        self._log.warning("%s: %s", self._zone, text)

    def end(self) -> None:
        """Take note that all is well again."""
        self._told.clear()
