"""One of two upstreams is dead: what those notice who ask for forwarded names, and those who ask for federated ones."""

import contextlib
import socket
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import load, queries
from bench.figure import OURS, Figure, percentile, ratio
from bench.forwarding.servers import CoreDns, Fedresolver
from bench.forwarding.started import SERVICES, Started, started
from bench.forwarding.upstream import upstream
from bench.process import BenchError, Cores, WrongAnswerError
from bench.progress import say
from bench.queries import local
from bench.tools import Programs
from bench.truth import SUFFIX

NAME = "forward-dead"
ROUNDS = 5
SECONDS = 4.0
WARM_UP_SECONDS = 1.0
QUERIES_A_SECOND = 5000
CLIENTS = 10
PAUSE_SECONDS = 0.1
"""From an answer to the same client's next question."""

SLOW_SECONDS = 0.5
MOST_SLOW = 1.0
LIMIT_P99 = 1.05


@dataclass(frozen=True, slots=True)
class Served:
    """What came of one start: the p99 of the federated names in seconds, and each client's slow answers."""

    p99: float
    slow: Sequence[int]


def measure(folder: Path, cores: Cores, programs: Programs) -> list[Figure]:
    """Start it again and again, in turn with two upstreams that live, and with one that does not."""
    load.write(folder / "queries", local(SERVICES)(0))
    with upstream(folder, cores) as one, upstream(folder, cores) as other, dead() as gone:
        well: list[Served] = []
        ill: list[Served] = []
        for number in range(1, ROUNDS + 1):
            say(f"{NAME}: round {number} of {ROUNDS}")
            for found, second in ((well, other), (ill, gone)):
                server = Fedresolver([one, second], federated=True)
                with started(server, folder / f"{number}-{second}", cores, f"svc-00001.{SUFFIX}") as ours:
                    found.append(both(ours, folder / "queries"))
        figures = compared(well, ill)
        if programs.coredns:
            with started(CoreDns(programs.coredns, [one, gone]), folder / "coredns", cores) as coredns:
                deadline = time.monotonic() + SECONDS
                figures.append(slow(f"{NAME}, coredns", asking(coredns, lambda: time.monotonic() > deadline)))
    return figures


@contextlib.contextmanager
def dead() -> Iterator[int]:
    """Give the port of 127.0.0.1 of an upstream that takes what comes and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


def both(ours: Started, file: Path) -> Served:
    """Ask for federated names at a given rate while some clients ask for others."""
    load.paced(file, ours.port, seconds=WARM_UP_SECONDS, rate=QUERIES_A_SECOND)
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load.paced, file, ours.port, seconds=SECONDS, rate=QUERIES_A_SECOND)
        counts = asking(ours, loading.done)
        answers = loading.result()
    if set(answers.rcodes) != {"NOERROR"}:
        raise WrongAnswerError(f"{OURS} while an upstream is dead: {answers.rcodes}, right is NOERROR only")
    if answers.lost:
        raise BenchError(f"{OURS} lost {answers.lost} answers of {answers.answers + answers.lost}")
    return Served(percentile(answers.seconds, 99), counts)


def asking(server: Started, done: Callable[[], bool]) -> list[int]:
    """Let clients ask for names that were never asked, one after the other; return the slow answers of each."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(lambda _: client(server, done), range(CLIENTS)))


def client(server: Started, done: Callable[[], bool]) -> int:
    """Ask until it is done, and return how many answers were slow; WrongAnswerError when one is wrong."""
    count = 0
    while not done():
        began = time.monotonic()
        server.asked.check(queries.never_asked(1))
        count += time.monotonic() - began > SLOW_SECONDS
        time.sleep(PAUSE_SECONDS)
    return count


def compared(well: Sequence[Served], ill: Sequence[Served]) -> list[Figure]:
    """Return the figures: medians of the rounds, and of the slow answers the most that any client had."""
    here, there = [[1000 * one.p99 for one in served] for served in (well, ill)]
    return [
        slow(NAME, [count for one in ill for count in one.slow]),
        Figure(NAME, "p99, both alive", statistics.median(here), "ms"),
        Figure(NAME, "largest / least of these", max(here) / min(here), ""),
        Figure(NAME, "p99", statistics.median(there), "ms"),
        Figure(NAME, "p99 / both alive", ratio(there, here), "", LIMIT_P99),
    ]


def slow(case: str, counts: Sequence[int]) -> Figure:
    """Return the most slow answers that a client had; only ours have a target."""
    return Figure(case, "slow answers of a client, most", max(counts), "", MOST_SLOW if case == NAME else None)
