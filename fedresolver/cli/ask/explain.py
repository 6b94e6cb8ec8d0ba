"""`fedresolver explain`, `fedresolver simulate`."""

from collections.abc import Iterator

from fedresolver.status.documents import Differences, Explanation
from fedresolver.status.table import ago, moment_text, printable, table
from fedresolver.walk.story import Finding, Step


def lines(found: Explanation) -> Iterator[str]:
    """Yield why a name has its answer, level by level, and the answer."""
    yield _question(found)
    yield ""
    for step in found.steps:
        yield from _step(step)
    if not found.steps:
        yield f"  answered by {found.plugin or 'nobody'}" + (f": {printable(found.text)}" if found.text else "")
    yield ""
    yield f"answer: {found.rcode}" + (f", {found.level}" if found.level else "")
    for one in found.answer:
        yield f"  {one.owner} {one.ttl} {one.type} {one.data}"


def _question(found: Explanation) -> str:
    where = f", asked in {printable(found.member)}" if found.member else ""
    return f"{found.name} {found.type}{where}, {moment_text(found.at)}"


def _step(step: Step) -> Iterator[str]:
    answers = "answers" if step.answers else f"does not answer: {step.reason}"
    yield f"  {step.level} {answers}"
    rows = [_row(finding) for finding in step.shards]
    if rows:
        yield from (f"    {line}" for line in table(("MEMBER", "COUNTS", "WHY", "CHANGES WHEN", "EVIDENCE"), rows))


def _row(finding: Finding) -> tuple[str, ...]:
    evidence = finding.phase if finding.age is None else f"{finding.phase}, {ago(finding.age)} old"
    return finding.member, "yes" if finding.healthy else "no", finding.rule, finding.change, evidence


def differences(found: Differences) -> Iterator[str]:
    """Yield the names whose answers would change."""
    rows = (
        (one.name, _told(one.level_before, one.before), _told(one.level_after, one.after)) for one in found.differences
    )
    if found.differences:
        yield from table(("NAME", "NOW", "THEN"), rows)
    yield f"{len(found.differences)} of {found.compared} names have another answer"


def _told(level: str, addresses: tuple[str, ...]) -> str:
    return f"{level}: {' '.join(addresses)}" if addresses else level
