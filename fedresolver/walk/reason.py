"""Why an answer is what it is, in one short line: the text of the Extended DNS Error (RFC 8914)."""

from collections.abc import Iterable
from typing import assert_never

from fedresolver.model.member import Member
from fedresolver.walk.outcome import Hit, Local, NotReady, Nowhere, Unknown, Walk
from fedresolver.wire.const import Ede

LONGEST = 160
_STEP = 10


def code(walk: Walk, *, exists: bool) -> Ede:
    """Return the code that fits; `exists` is whether the name that was reached does."""
    if isinstance(walk.outcome, NotReady):
        return Ede.NOT_READY
    if walk.stale:
        return Ede.STALE_ANSWER if exists else Ede.STALE_NXDOMAIN
    return Ede.OTHER


def text(walk: Walk, now: float) -> str:
    """Return the level that answered, then each narrower one with its reason, then the stale members; ASCII.

    At most `LONGEST` octets. Ages are in seconds, rounded down to ten.
    """
    whole = _head(walk) + _stale(walk.stale, now)
    return whole.encode("ascii", "backslashreplace").decode("ascii")[:LONGEST]


def _head(walk: Walk) -> str:
    reasons = ", ".join(walk.reasons)
    match walk.outcome:
        case Local():
            return "local"
        case Hit(level=level):
            return f"{level.text()}: {reasons}" if reasons else level.text()
        case Nowhere():
            return f"nowhere: {reasons}"
        case Unknown():
            return "nowhere: no shard"
        case NotReady(members=members):
            return f"not listed yet: {', '.join(members)}"
        case _:
            assert_never(walk.outcome)


def _stale(members: Iterable[Member], now: float) -> str:
    old = [(member.name, member.since) for member in members if member.since is not None]
    ages = ", ".join(f"{int((now - since) // _STEP) * _STEP}s {name}" for name, since in old)
    return f"; stale {ages}" if ages else ""
