"""A response that has to be waited for."""

from collections.abc import Callable

from fedresolver.chain.handler import Reply
from fedresolver.server.asked import Asked, Outcome
from fedresolver.server.later import Later


class Pending:
    """A response that is waited for; `end` makes it of what `later` brings."""

    __slots__ = ("_asked", "_end", "_later", "_send")

    def __init__(self, later: Later[Reply], asked: Asked, end: Callable[[Asked, Reply | Exception], Outcome]) -> None:
        self._later = later
        self._asked = asked
        self._end = end

    def start(self, send: Callable[["Pending", Outcome], None]) -> None:
        """Have `send` called with this and the response when it is there, unless `cancel` comes first."""
        self._send = send
        self._later.start(self._finish)

    def _finish(self, outcome: Reply | Exception) -> None:
        self._send(self, self._end(self._asked, outcome))

    def cancel(self) -> None:
        """Wait for it no more."""
        self._later.cancel()
