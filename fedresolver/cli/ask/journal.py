"""`fedresolver journal`."""

from datetime import datetime

from fedresolver.status.documents import Transition, Transitions
from fedresolver.status.table import ago, table

HEADS = ("WHEN", "FEDERATION", "MEMBER", "SERVICE", "BEFORE", "AFTER", "EVIDENCE")


def lines(found: Transitions) -> list[str]:
    """Return what has changed as a table, the newest last."""
    if not found.transitions:
        return [f"nothing has changed since {_when(found.begins)}"]
    return table(HEADS, map(_row, found.transitions))


def _row(one: Transition) -> tuple[str, ...]:
    evidence = "current" if one.age is None else f"{ago(one.age)} old"
    return _when(one.at), one.federation, one.member, one.service, one.before, one.after, evidence


def _when(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().isoformat(" ", "seconds")
