"""When a copy of a zone is compared with its primary, and how long it may be answered from (RFC 1034 4.3.5).

A table of what each news makes of each state. Times are in seconds of a monotonic clock, which is an argument, and so
is chance: `draw` is a random number from 0 up to 1, so that a thousand zones of one primary do not ask it together.
"""

from collections.abc import Mapping
from enum import Enum
from itertools import pairwise

import msgspec

from fedresolver.wire.rr import RRset

LEAST_REFRESH = 10.0
LEAST_RETRY = 2.0
MOST = 28 * 86400.0
"""No zone is looked after less often, in seconds."""
FIRST_RETRY = 1.0
LONGEST_FIRST_RETRY = 60.0
"""The longest wait for a zone of which nothing is known yet."""
_LEAST_WAIT = 0.1
_JITTER = 0.25
_TIMES = -16, -12, -8, -4
"""Where refresh, retry and expire begin and end in the data of an SOA, from its end (RFC 1035 3.3.13)."""
_MANY = 30
"""Failures after which the back-off does not grow any more."""


class State(Enum):
    """How a copy stands: nothing has come yet; confirmed in time; not so; not for so long that it holds no more."""

    LOADING = "loading"
    FRESH = "fresh"
    RETRYING = "retrying"
    EXPIRED = "expired"


class News(Enum):
    """What becomes of a copy: a primary has given or confirmed it; none would; the time to do so is over."""

    RENEWED = "renewed"
    FAILED = "failed"
    LAPSED = "lapsed"


NEXT: Mapping[tuple[State, News], State] = {
    (State.LOADING, News.RENEWED): State.FRESH,
    (State.LOADING, News.FAILED): State.LOADING,
    (State.FRESH, News.RENEWED): State.FRESH,
    (State.FRESH, News.FAILED): State.RETRYING,
    (State.FRESH, News.LAPSED): State.EXPIRED,
    (State.RETRYING, News.RENEWED): State.FRESH,
    (State.RETRYING, News.FAILED): State.RETRYING,
    (State.RETRYING, News.LAPSED): State.EXPIRED,
    (State.EXPIRED, News.RENEWED): State.FRESH,
    (State.EXPIRED, News.FAILED): State.EXPIRED,
}
"""What each news makes of each state. Nothing that was never there, or is gone already, can lapse."""


class Times(msgspec.Struct, frozen=True):
    """How often a zone is looked after, in seconds, and for how long it holds without."""

    refresh: float
    retry: float
    expire: float


def times(soa: RRset) -> Times:
    """Return what an SOA says, within bounds: its primary cannot make us ask all the time, nor let go at once."""
    refresh, retry, expire = (int.from_bytes(soa.rdatas[0][start:end]) for start, end in pairwise(_TIMES))
    refresh_, retry_ = min(max(refresh, LEAST_REFRESH), MOST), min(max(retry, LEAST_RETRY), MOST)
    return Times(refresh_, retry_, max(float(expire), refresh_ + retry_))


class Upkeep:
    """The state of one copy. `due` is when its primary is to be asked next, `expires` when it may be held no longer."""

    def __init__(self, now: float) -> None:
        self.state = State.LOADING
        self.due = now
        self.expires: float | None = None
        self._times: Times | None = None
        self._failed = 0

    def renewed(self, now: float, soa: RRset, draw: float) -> None:
        """Take note that a primary has given or confirmed the version with this SOA."""
        self._go(News.RENEWED)
        self._failed = 0
        self._times = times(soa)
        self.expires = now + self._times.expire
        self.due = now + self._times.refresh * (1 - _JITTER * draw)

    def failed(self, now: float, draw: float) -> None:
        """Take note that no primary would do either.

        Without any version the wait doubles from about a second on, with full jitter; else it is that of the SOA.
        """
        self._go(News.FAILED)
        if self._times is not None:
            self.due = now + self._times.retry * (1 - _JITTER * draw)
            return
        longest = min(FIRST_RETRY * 2 ** min(self._failed, _MANY), LONGEST_FIRST_RETRY)
        self._failed += 1
        self.due = now + max(longest * draw, _LEAST_WAIT)

    def lapsed(self) -> None:
        """Take note that the version is too old."""
        self._go(News.LAPSED)
        self.expires = None

    def _go(self, news: News) -> None:
        self.state = NEXT[self.state, news]
