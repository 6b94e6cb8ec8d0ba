"""Waiting without a task: for handlers that wait for one thing, thousands of times in a second."""

from collections.abc import Callable, Generator
from typing import TypeAlias

Wake: TypeAlias = Callable[[], None]


def _nobody() -> None:
    """Do nothing: nobody waits yet, or any more."""


class Parked:
    """What a handler awaits when it is driven by hand: it goes on within the call of `wake`.

    The server drives handlers so. In a task this cannot be awaited: asyncio knows nothing of it.
    """

    __slots__ = ("wake",)

    def __init__(self) -> None:
        self.wake: Wake = _nobody

    def __await__(self) -> Generator["Parked", None, None]:
        """Wait until `wake` is called, which whoever drives the handler has set."""
        try:
            yield self
        finally:
            self.wake = _nobody
