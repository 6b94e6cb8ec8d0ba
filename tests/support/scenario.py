"""Scenarios: whole behaviours over virtual time, as text.

; What it shows, in a sentence or two.
federation myfederation example.com {       the federations, as in a Corefile; their members are told below
    local c1
}
given                                       what the members say at the start (see `world`)
    c1 in north/oslo
at 5s                                       the clock moves on to the fifth second, and the members say more
    c1 shop/cart up 10.0.0.1
at 9s
    c1 silent | c1 heard                    its API server, if it is one (`in_cluster` in the block), is heard no more
elsewhere www.example.net A                 what others say to a question from now on (see `elsewhere`)
    NOERROR
    www.example.net 60 A 192.0.2.1
asked                                       what others were asked since the last look, in their order
    www.example.net A
ask cart.shop.myfederation A [edns] [tcp]   a question, asked twice: what is kept must answer as what is new; where it
                                            has to wait, the clock moves on so far
    NOERROR aa                              the rcode, and of the flags AA and TC those that are set
    cart.shop.myfederation. 5 A 10.0.0.1    the records of the answer, then with a plus those of the additional
    - example.com. 1005                     section, then the SOA of the authority section, its serial if it matters
    ede 0 local                             the extended error, if the query has EDNS
wall -3600                                  the wall clock is set, by so many seconds
ready                                       what keeps the process from being ready, nothing if it is
    federation myfederation: not listed yet: c1
log                                         what was logged since the last look, in any order
    member c1 is synced
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from tests.support.federation import Federations, Listener, federations
from tests.support.records import ede_of, lines_of, text
from tests.support.world import events

SOURCE = "manifests ."


class Step:
    """One line that begins at the margin, with the indented lines below it."""

    def __init__(self, number: int, line: str) -> None:
        self.number = number
        self.verb, *self.words = line.split()
        self.below: list[str] = []

    def __repr__(self) -> str:
        return f"line {self.number}: {self.verb} {' '.join(self.words)}"


def steps(path: Path) -> tuple[str, list[Step]]:
    """Return the Corefile of a scenario and its steps, `given` the first of them."""
    corefile: list[str] = []
    found: list[Step] = []
    whole = path.read_text(encoding="utf-8")
    source = [] if "in_cluster" in whole else [SOURCE]
    for number, line in enumerate(whole.splitlines(), 1):
        said = line.partition(";")[0] if line.startswith(";") else line
        if not said.strip():
            continue
        if line[0].isspace() and found:
            found[-1].below.append(said.strip())
        elif found or line.split()[0] == "given":
            found.append(Step(number, said))
        else:
            corefile += _with_source(said, source)
    return "\n".join(corefile), found


def _with_source(line: str, source: list[str]) -> list[str]:
    """Return a line of a Corefile, with the source of the members named in each federation's block."""
    if not line.startswith("federation"):
        return [line]
    return [line, *source] if line.endswith("{") else [line + " {", *source, "}"]


class Scenario:
    """Runs the steps of a scenario, and compares what is answered with what is written."""

    def __init__(self, running: Federations, records: list[logging.LogRecord]) -> None:
        self._running = running
        self._records = records
        resolver = running.resolver()
        self._listeners = {transport: Listener(resolver, transport) for transport in ("udp", "tcp")}

    def take(self, step: Step) -> None:
        _VERBS[step.verb](self, step)

    def at(self, step: Step) -> None:
        second = float(step.words[0].removesuffix("s"))
        self._running.loop.advance(second - self._running.loop.time())
        for line in step.below:
            self._hear(*line.split())
        said = [line for line in step.below if line.split()[1] not in ("silent", "heard")]
        if said:
            self._running.tell(events("\n".join(said)))

    def _hear(self, member: str, verb: str, *rest: str) -> None:
        """Take note of whose API server is heard; a member that is listed is heard again."""
        if verb == "silent":
            self._running.clusters.silent[member] = self._running.loop.time()
        elif verb in ("heard", "listed"):
            self._running.clusters.silent.pop(member, None)

    def ask(self, step: Step) -> None:
        name, rtype, *words = step.words
        query = dns.message.make_query(name, rtype, use_edns=0 if "edns" in words else False)
        listener = self._listeners["tcp" if "tcp" in words else "udp"]
        expected = text("\n".join(step.below))
        for which in ("new", "kept"):
            got = [_without_serial(line, expected) for line in _described(self._running.ask(listener, query))]
            assert got == expected, "\n".join([f"{step!r}, answered {which}:", *got])

    def elsewhere(self, step: Step) -> None:
        self._running.elsewhere.say(" ".join(step.words), step.below)

    def asked(self, step: Step) -> None:
        asked = self._running.elsewhere.asked
        found, asked[:] = list(asked), []
        assert found == step.below, "\n".join([f"{step!r}:", *found])

    def ready(self, step: Step) -> None:
        missing = self._running.plugin.missing
        found = (missing and missing()) or ""
        assert found.splitlines() == step.below, f"{step!r}: {found}"

    def wall(self, step: Step) -> None:
        self._running.wall_step += float(step.words[0])

    def log(self, step: Step) -> None:
        said = [record.getMessage() for record in self._records]
        self._records.clear()
        assert sorted(said) == sorted(step.below), "\n".join([f"{step!r}:", *said])


_VERBS = {
    "at": Scenario.at,
    "ask": Scenario.ask,
    "elsewhere": Scenario.elsewhere,
    "asked": Scenario.asked,
    "ready": Scenario.ready,
    "log": Scenario.log,
    "wall": Scenario.wall,
}


def _without_serial(line: str, expected: list[str]) -> str:
    """Return a line without the serial that it ends with, where that is not expected."""
    return line.rpartition(" ")[0] if line.startswith("- ") and line not in expected else line


def _described(response: dns.message.Message) -> Iterator[str]:
    flags = [word.lower() for word in dns.flags.to_text(response.flags).split() if word in ("AA", "TC")]
    yield " ".join([dns.rcode.to_text(response.rcode()), *flags])
    yield from lines_of(response.answer)
    yield from (f"+ {line}" for line in lines_of(response.additional))
    for rrset in response.authority:
        assert rrset.rdtype == dns.rdatatype.SOA
        yield f"- {rrset.name} {rrset[0].serial}"
    ede = ede_of(response)
    if ede is not None:
        yield f"ede {ede}"


def play(path: Path, records: list[logging.LogRecord]) -> None:
    """Run a scenario; AssertionError with the line where it goes another way."""
    corefile, found = steps(path)
    given, *rest = found
    with federations(corefile, events("\n".join(given.below))) as running:
        scenario = Scenario(running, records)
        for step in rest:
            scenario.take(step)
        assert running.panics == 0
