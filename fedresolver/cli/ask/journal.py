"""`fedresolver journal`."""

from fedresolver.status.documents import Transition, Transitions
from fedresolver.status.table import ago, moment_text, table

HEADS = ("WHEN", "FEDERATION", "MEMBER", "SERVICE", "BEFORE", "AFTER", "EVIDENCE")


def lines(found: Transitions) -> list[str]:
    """Return what has changed as a table, the newest last."""
    if not found.transitions:
        return [f"nothing has changed since {moment_text(found.begins)}"]
    return table(HEADS, map(_row, found.transitions))


def _row(one: Transition) -> tuple[str, ...]:
    evidence = "current" if one.age is None else f"{ago(one.age)} old"
    return moment_text(one.at), one.federation, one.member, one.service, one.before, one.after, evidence
