"""Whether an upstream is asked: a table of what each event makes of each state.

One failure is enough to ask others first, for whoever waits has lost time already; an upstream that is checked in vain
`max_fails` times in a row is not asked any more until a check succeeds. Any answer proves that it is there.
"""

from enum import Enum


class State(Enum):
    """How an upstream stands: asked; asked when no other is up; not asked."""

    UP = "up"
    SUSPECT = "suspect"
    DOWN = "down"


class News(Enum):
    """What is learnt of an upstream: by a question, or by a check."""

    ANSWERED = "answered"
    FAILED = "failed"
    CHECK_FAILED = "check failed"


NEXT: dict[tuple[State, News], State] = {
    (State.UP, News.ANSWERED): State.UP,
    (State.UP, News.FAILED): State.SUSPECT,
    (State.UP, News.CHECK_FAILED): State.UP,
    (State.SUSPECT, News.ANSWERED): State.UP,
    (State.SUSPECT, News.FAILED): State.SUSPECT,
    (State.SUSPECT, News.CHECK_FAILED): State.SUSPECT,
    (State.DOWN, News.ANSWERED): State.UP,
    (State.DOWN, News.FAILED): State.DOWN,
    (State.DOWN, News.CHECK_FAILED): State.DOWN,
}
"""What each news makes of each state; SUSPECT turns DOWN when checks have failed often enough."""


class Health:
    """The state of one upstream; with `max_fails` 0 it is always asked (as CoreDNS has it)."""

    def __init__(self, max_fails: int) -> None:
        self.state = State.UP
        self._max_fails = max_fails
        self._failed = 0

    def learn(self, news: News) -> State:
        """Take in news, and return the state that follows."""
        if not self._max_fails:
            return self.state
        after = NEXT[self.state, news]
        if after is not State.SUSPECT:
            self._failed = 0
        elif news is News.CHECK_FAILED:
            self._failed += 1
            after = State.DOWN if self._failed >= self._max_fails else after
        self.state = after
        return after
