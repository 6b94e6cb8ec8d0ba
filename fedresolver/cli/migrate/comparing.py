"""The same names asked of two servers, and why their answers differ."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fedresolver.cli.demo.answer import Answer, Ask


@dataclass(frozen=True, slots=True)
class Difference:
    """A name with two answers, in a few words each, and the reason."""

    name: str
    old: str
    ours: str
    reason: str


async def compare(names: Sequence[str], old: Ask, ours: Ask) -> list[Difference]:
    """Return the names whose answers differ, in their order."""
    found: list[Difference] = []
    for name in names:
        one, other = await asyncio.gather(old(name), ours(name))
        reason = why(one, other)
        if reason:
            found.append(Difference(name, short(one), short(other), reason))
    return found


def short(answer: Answer) -> str:
    """Return an answer in a few words: the response code unless it is good, CNAMEs by number, addresses."""
    words = [] if answer.rcode == "NOERROR" else [answer.rcode]
    links = sum(record.rtype == "CNAME" for record in answer.records)
    if links:
        words.append(f"{links} CNAME{'s' if links > 1 else ''}")
    words += _addresses(answer)
    return " ".join(words) or "no data"


def why(old: Answer, ours: Answer) -> str:
    """Return why two answers differ, empty where a client makes the same of them; TTLs and order do not count."""
    return next((reason for holds, reason in _reasons(old, ours) if holds), "")


def _reasons(old: Answer, ours: Answer) -> Iterator[tuple[bool, str]]:
    """Yield what may be told of two answers, the first that holds is told."""
    was, is_ = set(_addresses(old)), set(_addresses(ours))
    chained = any(record.rtype == "CNAME" for record in ours.records)
    yield old.rcode == "no answer", "the old server does not answer"
    yield ours.rcode == "no answer", "fedresolver does not answer"
    yield (old.rcode, was) == (ours.rcode, is_), ""
    yield ours.rcode == "SERVFAIL", "fedresolver does not know yet: a member was never listed"
    yield (
        ours.rcode == "NXDOMAIN" and not was,
        "it is healthy nowhere: the old server says NOERROR, RFC 6604 wants the code of the last name",
    )
    yield (
        bool(was) and chained and not was & is_,
        "no local endpoint is ready: the old server gives the ClusterIP as long as there is a Service",
    )
    yield not was and bool(is_), "the old server leaves the rest of the chain to public DNS, or does not know the name"
    yield ours.rcode == "NXDOMAIN", "no member has such a Service: see which are read with `fedresolver clusters`"
    yield True, "other shards count as healthy: see `fedresolver explain`"


def _addresses(answer: Answer) -> list[str]:
    return sorted(record.data for record in answer.records if record.rtype in ("A", "AAAA"))
