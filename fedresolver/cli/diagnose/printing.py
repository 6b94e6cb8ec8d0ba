"""What checks have found, for people and for programs."""

from collections.abc import Iterator, Sequence

from fedresolver.cli.diagnose.checks import Finding
from fedresolver.cli.diagnose.verdict import State
from fedresolver.status.table import printable, table

HEADS = ("CHECK", "STATE", "SEEN")


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a table; below each line that is not well what mends it."""
    rows = table(HEADS, ((one.name, one.state.value, one.seen) for one in findings))
    yield rows[0]
    for row, one in zip(rows[1:], findings, strict=True):
        yield row
        if one.mend:
            yield f"    mend: {printable(one.mend)}"
    counts = ((state, sum(one.state is state for one in findings)) for state in State)
    yield ", ".join(f"{count} {state}" for state, count in counts if count)


def document(findings: Sequence[Finding]) -> dict[str, object]:
    """Return the same for programs."""
    return {"ok": ok(findings), "checks": findings}


def ok(findings: Sequence[Finding]) -> bool:
    """Say whether nothing fails."""
    return not any(one.state is State.FAIL for one in findings)
