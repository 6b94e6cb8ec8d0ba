"""Random octets that nobody can guess, at the price of a slice."""

import os

_AT_ONCE = 4096


class Entropy:
    """Octets of the operating system's generator, fetched in portions; each is given out once."""

    def __init__(self) -> None:
        self._octets = b""
        self._next = 0

    def take(self, count: int) -> bytes:
        """Return `count` octets, at most 4,096."""
        start = self._next
        if start + count > len(self._octets):
            self._octets, start = os.urandom(_AT_ONCE), 0
        self._next = start + count
        return self._octets[start : self._next]
