"""Rounds of load on each server in turn, and what an answer cost."""

import contextlib
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dns.rcode

from bench import load
from bench.cases import Case
from bench.check import Asked, question_of
from bench.process import BenchError, Cores, Process, WrongAnswerError, free_port, running
from bench.progress import say
from bench.servers import CERTIFICATE, KEY, Server, Site
from bench.world import World
from tests.e2e.authority import Authority

CHECKED = 25
"""Answers that are compared before and after the load, spread over the names."""

FASTEST = 300_000
"""Answers per second that no server here reaches: so many messages are written where none may repeat."""

WARM_UP_SECONDS = 1.0
MAX_LOST = 0.001


@dataclass(frozen=True, slots=True)
class Measured:
    """What one server did in one case."""

    cpu: list[float] = field(default_factory=list)
    """CPU per answer in each round, in microseconds."""

    resident: list[float] = field(default_factory=list)
    """Memory when it was ready, then its peak since then: when it was warm and after each round, in MiB."""

    @property
    def median(self) -> float:
        """The median CPU per answer, in microseconds."""
        return statistics.median(self.cpu)


@dataclass(frozen=True, slots=True)
class Ready:
    """A server that runs and whose answers were found right."""

    server: Server
    process: Process
    port: int
    rcodes: frozenset[str]
    """What the answers of the case say, each of these at least once."""

    measured: Measured


@dataclass(frozen=True, slots=True)
class Rounds:
    """How often, how long and where to measure."""

    folder: Path
    cores: Cores
    rounds: int
    seconds: float

    def measure(self, case: Case, servers: Sequence[Server]) -> dict[str, Measured]:
        """Run all servers and load each in turn, by name; WrongAnswerError if one answers wrongly."""
        folder = self.folder / case.name
        folder.mkdir()
        with contextlib.ExitStack() as stack:
            running = [stack.enter_context(self.ready(case, server, folder)) for server in servers]
            say(f"{case.name}: answers are right; warming up")
            self.turn(case, running, folder, WARM_UP_SECONDS)
            for one in running:
                one.measured.cpu.clear()
            for number in range(1, self.rounds + 1):
                say(f"{case.name}: round {number} of {self.rounds}")
                self.turn(case, running, folder, self.seconds)
        return {one.server.name: one.measured for one in running}

    @contextlib.contextmanager
    def ready(self, case: Case, server: Server, folder: Path) -> Iterator[Ready]:
        """Run a server; its answers are checked before it is given and when it is taken back."""
        truth = case.truth(World(case.services))
        messages = sample(list(case.queries(CHECKED)), 1 if server.name == "floor" else CHECKED)
        ports = {"port": free_port(), "tls_port": free_port()}
        site = Site(folder=folder / server.name, truth=truth, first=messages[0], **ports)
        site.folder.mkdir()
        certificate(site.folder)
        asked = Asked(server.name, site.port, truth, server.ages)
        with running(server.name, server.command(site), site.folder / "log", self.cores.server) as process:
            asked.wait(messages[0], process)
            asked.check(messages)
            rcodes = (truth.answer(*question_of(message)).rcode for message in messages)
            process.forget_peak()
            measured = Measured(resident=[process.resident()])
            loaded = site.tls_port if case.transport == "dot" else site.port
            yield Ready(server, process, loaded, frozenset(map(dns.rcode.to_text, rcodes)), measured)
            asked.check(messages)

    def turn(self, case: Case, running: Sequence[Ready], folder: Path, seconds: float) -> None:
        """Load each server once and note what it cost."""
        queries = folder / "queries"
        load.write(queries, case.queries(int(FASTEST * seconds)))
        for one in running:
            before = one.process.cpu()
            done = load.run(queries, one.port, seconds=seconds, transport=case.transport, once=case.fresh)
            check_load(one, done)
            one.measured.cpu.append((one.process.cpu() - before) / done.answers * 1e6)
            one.measured.resident.append(one.process.peak())


def certificate(folder: Path) -> None:
    """Put what a server shows over TLS into its folder, all of them of the same kind: ECDSA with P-256."""
    made = Authority(folder).server("server", "127.0.0.1")
    for path, name in zip(made, (CERTIFICATE, KEY), strict=True):
        path.rename(folder / name)


def sample(messages: list[bytes], count: int) -> list[bytes]:
    """Return at most `count` of the messages, evenly spread."""
    return messages[:: -(-len(messages) // count)]


def check_load(one: Ready, done: load.Load) -> None:
    """Raise WrongAnswerError if the rcodes are not those of the case, BenchError if many answers were lost."""
    if set(done.rcodes) != one.rcodes:
        right = " and ".join(sorted(one.rcodes))
        raise WrongAnswerError(f"{one.server.name} under load: {done.rcodes}, right is {right} only")
    if done.lost > MAX_LOST * done.answers:
        raise BenchError(f"{one.server.name} lost {done.lost} answers of {done.answers + done.lost}")
