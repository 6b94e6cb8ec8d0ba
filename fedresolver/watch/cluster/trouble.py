"""What keeps us from reading a member: the named ways, and a line for people."""

from enum import Enum


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
    """A request failed; `trouble` is how, the text says what happened and, where it is known, what would help."""

    def __init__(self, trouble: Trouble, text: str) -> None:
        super().__init__(text)
        self.trouble = trouble
