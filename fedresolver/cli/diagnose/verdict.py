"""What a check finds."""

from enum import StrEnum

import msgspec


class State(StrEnum):
    """How it stands. SKIPPED is what cannot be said: something that it needs has failed, or is not seen from here."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"
    SKIPPED = "SKIPPED"


class Verdict(msgspec.Struct, frozen=True):
    """How it stands, what was seen, and the command or the line of a file that mends it."""

    state: State
    seen: str
    mend: str = ""


class Unseen(msgspec.Struct, frozen=True):
    """Stands for what cannot be seen, and says why."""

    why: str


def fine(seen: str) -> Verdict:
    """Return that all is well."""
    return Verdict(State.OK, seen)


def warn(seen: str, mend: str) -> Verdict:
    """Return that something may do harm."""
    return Verdict(State.WARN, seen, mend)


def fail(seen: str, mend: str) -> Verdict:
    """Return that something is broken."""
    return Verdict(State.FAIL, seen, mend)


def skip(why: str) -> Verdict:
    """Return that nothing can be said, and why."""
    return Verdict(State.SKIPPED, why)
