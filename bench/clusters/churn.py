"""1,000 changes of endpoints in a second, while 5,000 queries in a second are answered."""

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import dns.message
import dns.rcode

from bench import load, world
from bench.check import answer_of, exchange
from bench.clusters import content, setup
from bench.clusters.stubbed import Stub, stubbed
from bench.clusters.turns import CHANGED, turn
from bench.figure import Figure, percentile, ratio
from bench.load import Paced
from bench.process import BenchError, Cores, Process, WrongAnswerError, free_port, running
from bench.progress import say
from bench.queries import local, query
from bench.start import TIMEOUT, wait_ready
from bench.truth import SUFFIX, Answer, record
from bench.world import MEMBERS, write_list

NAME = "clusters-churn"
QUERIES_A_SECOND = 5000
EVENTS_A_SECOND = 1000
ROUNDS = 3
SECONDS = 6
EVENTS = SECONDS * EVENTS_A_SECOND
WARM_UP_SECONDS = 2
LIMIT_US = 80.0
LIMIT_P99 = 3.0
SETTLE_SECONDS = 1.0
LOOK_SECONDS = 0.01
"""From one answer that is looked at whole to the next."""

ASKED = content.numbered(content.SERVICES)[:CHANGED]
"""The Services that are asked for, and their numbers."""

FIRST_ASKED, FIRST_OTHER = 1, 1 + CHANGED

Right = Mapping[str, tuple[Answer, ...]]
"""By name: what is right while the endpoints are ready, and then, where they go, what is right while they are not."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of one load; `cpu` in seconds."""

    answers: Paced
    cpu: float

    @property
    def p99(self) -> float:
        """The 99th percentile of the times that answers took, in milliseconds."""
        return 1000 * percentile(self.answers.seconds, 99)


@dataclass(frozen=True, slots=True)
class Churned:
    """The resolver that is loaded, and the member whose endpoints come and go."""

    process: Process
    port: int
    queries: Path
    stub: Stub

    def load(self, seconds: int, first: int | None = None) -> Loaded:
        """Load it while the endpoints of the Services from `first` on come and go, or none; WrongAnswerError."""
        going = set() if first is None else {turn(number, first)[0] for number in range(CHANGED)}
        right = {name: answers(name, number, goes=name in going) for name, number in ASKED}
        before = self.process.cpu()
        if going:
            self.stub.tell(f"events {first} {EVENTS} {EVENTS_A_SECOND}")
        with ThreadPoolExecutor(1) as pool:
            loading = pool.submit(load.paced, self.queries, self.port, seconds=seconds, rate=QUERIES_A_SECOND)
            self.look(right, loading.done)
            if going:
                self.stub.wait()
            done = Loaded(loading.result(), self.process.cpu() - before)
        check(done.answers)
        return done

    def look(self, right: Right, done: Callable[[], bool]) -> None:
        """Look at answers until the load is done; WrongAnswerError at the first that is none of the right ones."""
        names = list(right)
        while not done():
            name = random.choice(names)
            if (got := ask(self.port, name)) not in right[name]:
                raise WrongAnswerError(f"fedresolver while endpoints come and go: {name}: got {got}")
            time.sleep(LOOK_SECONDS)

    def settle(self) -> None:
        """Wait until all is answered as before; WrongAnswerError when it is not within a second."""
        deadline = time.monotonic() + SETTLE_SECONDS
        for name, number in ASKED:
            while (got := ask(self.port, name)) not in answers(name, number, goes=False):
                if time.monotonic() > deadline:
                    raise WrongAnswerError(f"fedresolver after all endpoints came back: {name}: got {got}")


def measure(folder: Path, cores: Cores) -> list[Figure]:
    """Load it in peace, while the endpoints of other Services come and go, and while those that are asked for do."""
    write_others(folder / "others")
    load.write(folder / "queries", local(CHANGED)(0))
    with stubbed(folder) as stub:
        port, ready = free_port(), free_port()
        argv = setup.ours(folder, port, ready, setup.NO_PROBE, "manifests others")
        with running("fedresolver", argv, folder / "log", cores.server) as process:
            wait_ready(process, ready, time.monotonic() + TIMEOUT)
            churned = Churned(process, port, folder / "queries", stub)
            churned.load(WARM_UP_SECONDS)
            quiet, others, asked = [], [], []
            for number in range(1, ROUNDS + 1):
                say(f"{NAME}: round {number} of {ROUNDS}")
                quiet.append(churned.load(SECONDS))
                others.append(churned.load(SECONDS, FIRST_OTHER))
                asked.append(churned.load(SECONDS, FIRST_ASKED))
                churned.settle()
    return [*figures(f"{NAME}-others", quiet, others), *figures(f"{NAME}-asked", quiet, asked)]


def figures(case: str, quiet: Sequence[Loaded], changing: Sequence[Loaded]) -> list[Figure]:
    """Return what an event costs and what it does to the answers: medians of the rounds, and all that was lost."""
    cpu = [(there.cpu - here.cpu) / EVENTS * 1e6 for here, there in zip(quiet, changing, strict=True)]
    return [
        Figure(case, "CPU of an event", statistics.median(cpu), "us", LIMIT_US),
        Figure(case, "p99, quiet", statistics.median(one.p99 for one in quiet), "ms"),
        Figure(case, "p99", statistics.median(one.p99 for one in changing), "ms"),
        Figure(case, "p99 / quiet", ratio([one.p99 for one in changing], [one.p99 for one in quiet]), "", LIMIT_P99),
        Figure(case, "lost", sum(one.answers.lost for one in changing), "", 0),
    ]


def write_others(folder: Path) -> None:
    """Write the other members as manifests: they hold the Services that are asked for, and answer while ours do not."""
    for member in MEMBERS[1:]:
        (folder / member.name).mkdir(parents=True)
        services = [content.service(member, name, number) for name, number in ASKED]
        slices = [world.endpoint_slice(name, ready=True) for name, _ in ASKED]
        write_list(folder / member.name / "all.json", [world.node(member), *services, *slices])


def answers(name: str, number: int, *, goes: bool) -> tuple[Answer, ...]:
    """Return what is right for a Service, whose local endpoints may come and go."""
    found = [[record(name, number)], *[content.walk(name, number)] * goes]
    return tuple(Answer(dns.rcode.NOERROR, frozenset(records)) for records in found)


def ask(port: int, name: str) -> Answer:
    """Return the answer for the address of a Service; BenchError when there is none."""
    try:
        return answer_of(dns.message.from_wire(exchange(query(f"{name}.{SUFFIX}").to_wire(), port)))
    except OSError as error:
        raise BenchError(f"fedresolver has no answer for {name}: {error!r}") from error


def check(answers: Paced) -> None:
    """Raise WrongAnswerError if an rcode is another, BenchError if the load was not what it should be."""
    if set(answers.rcodes) != {"NOERROR"}:
        raise WrongAnswerError(f"fedresolver under load: {answers.rcodes}, right is NOERROR only")
    if len(answers.seconds) != answers.answers:
        raise BenchError(f"dnsperf gave the times of {len(answers.seconds)} answers of {answers.answers}")
