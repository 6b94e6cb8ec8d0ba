"""What a primary is asked, signed or not, and whether its answer may be believed."""

from collections.abc import Callable
from typing import Protocol

from fedresolver.wire.tsig import Asked, Key


class Asking(Protocol):
    """A query, in `message` as it is sent, and the answer to it, message by message."""

    message: bytes

    def verify(self, message: bytes, at: int) -> None:
        """Take in a message whose TSIG record begins at `at`, 0 without one; SignatureError if it is not believed."""

    def end(self) -> None:
        """Say that this was all; SignatureError if the last message was not signed."""


def asking(message: bytes, key: Key | None, wall: Callable[[], float]) -> Asking:
    """Return a query that is signed with `key` where there is one; `wall` tells seconds since the epoch."""
    return _Unsigned(message) if key is None else _Signed(message, key, wall)


class _Unsigned:
    """A query without a signature, the answer to which has none that would be looked at."""

    def __init__(self, message: bytes) -> None:
        self.message = message

    def verify(self, message: bytes, at: int) -> None:
        """Believe it."""

    def end(self) -> None:
        """Believe it."""


class _Signed:
    """A query with a signature."""

    def __init__(self, message: bytes, key: Key, wall: Callable[[], float]) -> None:
        self._asked = Asked(message, key, int(wall()))
        self._wall = wall
        self.message = self._asked.message

    def verify(self, message: bytes, at: int) -> None:
        self._asked.verify(message, at, int(self._wall()))

    def end(self) -> None:
        self._asked.end()
