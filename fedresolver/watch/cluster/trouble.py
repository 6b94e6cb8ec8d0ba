"""What keeps us from reading a member: the named ways, and a line for people."""

from enum import Enum

_LONGEST = 300


class Trouble(Enum):
    """Why a request to a member's API server brought nothing; the value is the word that operators see."""

    DIAL = "dial"
    TLS = "tls"
    TIMEOUT = "timeout"
    BROKEN = "broken"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    ABSENT = "absent"
    GONE = "gone"
    INVALID = "invalid"
    REFUSED = "refused"
    DAMAGED = "damaged"
    TOO_LARGE = "too_large"


class TroubleError(Exception):
    """A request failed; `trouble` is how, the text says what happened and, where it is known, what would help.

    `after` is for how many seconds the server wants to be left alone, 0 where it does not say.
    """

    def __init__(self, trouble: Trouble, text: str, after: float = 0.0) -> None:
        super().__init__(text)
        self.trouble = trouble
        self.after = after


def one_line(text: str) -> str:
    """Return what somebody else wrote as it may stand in a line of the log: printable, and not endless."""
    line = " ".join(text[: 2 * _LONGEST].split())[:_LONGEST]
    return line if line.isprintable() else repr(line)
