"""Why queries failed, a line each, but never more lines than an operator can use."""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from fedresolver.chain.handler import Handler, Reply, Request
from fedresolver.chain.plugin import UNCOUNTED, Finished, Tally
from fedresolver.wire.const import Rcode, type_text
from fedresolver.wire.name import to_text

LINES = 50
"""Lines of one second; what is beyond them is counted, and told as a number."""
_WINDOW = 1.0
_UNITS = (("h", 3600.0), ("m", 60.0))

log = logging.getLogger("fedresolver.errors")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Errors that are told together: those like `regexp`, every `period` seconds, at a level of logging."""

    period: float
    regexp: re.Pattern[str]
    level: int = logging.ERROR
    show_first: bool = False


class Timer(Protocol):
    """What a call that is due later can be withdrawn by."""

    def cancel(self) -> None:
        """Withdraw it."""


Later = Callable[[float, Callable[[], None]], Timer]
"""Have a function called in so many seconds."""


class Window:
    """Errors that are counted from the first of them on, to be told at the end of `seconds`."""

    def __init__(self, seconds: float, tell: Callable[[int], None], later: Later) -> None:
        self._seconds = seconds
        self._tell = tell
        self._later = later
        self._timer: Timer | None = None
        self.count = 0

    def add(self) -> None:
        """Count one more."""
        self.count += 1
        if self._timer is None:
            self._timer = self._later(self._seconds, self.end)

    def end(self) -> None:
        """Tell the count now, and begin anew with the next error."""
        if self._timer is None:
            return
        self._timer.cancel()
        count, self.count, self._timer = self.count, 0, None
        self._tell(count)


class ErrorLog:
    """An observer that logs each reply with a failure, or counts it under the first pattern that it matches."""

    def __init__(self, patterns: tuple[Pattern, ...], later: Later) -> None:
        self._windows = tuple((pattern, Window(pattern.period, _teller(pattern), later)) for pattern in patterns)
        self._lines = Window(_WINDOW, _tell_rest, later)

    def finished(self, finished: Finished) -> Tally | None:
        """Log why it failed, if it did; None then, so that each failure is seen."""
        reply = finished.reply
        if not reply.failure:
            return UNCOUNTED
        self.failed(finished.request, reply.rcode, reply.failure)
        return None

    def failed(self, request: Request, rcode: int, why: str, *, trace: bool = False) -> None:
        """Log one failure; `trace` adds the exception that is being handled."""
        level = logging.ERROR
        for pattern, window in self._windows:
            if pattern.regexp.search(why):
                window.add()
                if not pattern.show_first or window.count > 1:
                    return
                level = pattern.level
                break
        self._line(level, f"{rcode} {_question(request)}: {why}", trace=trace)

    def _line(self, level: int, line: str, *, trace: bool) -> None:
        self._lines.add()
        if self._lines.count <= LINES:
            log.log(level, "%s", line, exc_info=trace)

    def close(self) -> None:
        """Tell all that is counted so far."""
        for window in (*(window for _, window in self._windows), self._lines):
            window.end()


def traced(errors: ErrorLog) -> Callable[[Handler], Handler]:
    """Return a link of the chain that logs exceptions with their stack; the server makes them SERVFAIL."""

    def wrap(next_: Handler) -> Handler:
        async def handle(request: Request) -> Reply:
            try:
                return await next_(request)
            except Exception as error:
                errors.failed(request, Rcode.SERVFAIL, f"{type(error).__name__}: {error}", trace=True)
                raise

        return handle

    return wrap


def _question(request: Request) -> str:
    return f"{to_text(request.query.qname)} {type_text(request.query.qtype)}"


def _teller(pattern: Pattern) -> Callable[[int], None]:
    def tell(count: int) -> None:
        if count > 1 or not pattern.show_first:
            like, period = pattern.regexp.pattern, duration_text(pattern.period)
            log.log(pattern.level, "%d errors like '%s' occurred in last %s", count, like, period)

    return tell


def _tell_rest(count: int) -> None:
    if count > LINES:
        log.error("%d more errors occurred in last %s", count - LINES, duration_text(_WINDOW))


def duration_text(seconds: float) -> str:
    """Return a duration as Go writes it: `1h0m0s`, `5m0s`, `30s`, `1.5s`, `100ms`."""
    return f"{seconds * 1000:.12g}ms" if 0 < seconds < 1 else "".join(_parts(seconds))


def _parts(seconds: float) -> Iterator[str]:
    begun = False
    for unit, size in _UNITS:
        whole, seconds = divmod(seconds, size)
        begun = begun or whole > 0
        if begun:
            yield f"{whole:.0f}{unit}"
    yield f"{seconds:.12g}s"
