"""Ten times as many questions as can be answered, none asked before: what is answered, and what memory it takes."""

import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import load, queries, tools
from bench.figure import OURS, Figure, ratio
from bench.forwarding.servers import CoreDns, Fedresolver
from bench.forwarding.started import Started, started
from bench.forwarding.upstream import upstream
from bench.process import BenchError, Cores
from bench.progress import say
from bench.servers import Server
from bench.tools import Programs

NAME = "forward-overload"
SOURCE = Path(__file__).with_name("flood.c")
ROUNDS = 3
SECONDS = 2.0
FLOOD_SECONDS = 3.0
ENOUGH = 100_000
"""Answers per second that no server here reaches, for none of them comes from a cache."""

TIMES = 10
LIMIT = 1.25
"""Peak / goodput, at most: 80 % of the peak."""

GROWTH = 1.05
"""Memory after the last flood, at most, as a multiple of that after the first."""


@dataclass(frozen=True, slots=True)
class Flooded:
    """What came of one flood, in answers per second; those are good that take no longer than a second.

    `peak` is what the server answers when it is asked no faster than that, `memory` its peak so far, in MiB.
    """

    peak: float
    offered: float
    good: float
    memory: float


def measure(folder: Path, cores: Cores, programs: Programs) -> list[Figure]:
    """Flood us, and CoreDNS where it stands beside."""
    with upstream(folder, cores) as port:
        figures = figures_of(NAME, rounds(Fedresolver([port]), folder / OURS, cores))
        if programs.coredns:
            beside = rounds(CoreDns(programs.coredns, [port]), folder / "coredns", cores)
            figures += figures_of(f"{NAME}, coredns", beside)
    return figures


def rounds(server: Server, folder: Path, cores: Cores) -> list[Flooded]:
    """Start a server, and flood it some times."""
    with started(server, folder, cores) as found:
        found.process.forget_peak()
        flooded = []
        for number in range(1, ROUNDS + 1):
            say(f"{NAME}: {server.name}, round {number} of {ROUNDS}")
            peak = saturated(found, folder / "queries")
            flooded.append(flood(found, peak))
            found.asked.check(queries.never_asked(5))
        return flooded


def saturated(server: Started, file: Path) -> float:
    """Return how many answers per second there are when a question is asked for each answer."""
    load.write(file, queries.never_asked(int(ENOUGH * SECONDS)))
    return load.run(file, server.port, seconds=SECONDS, transport="udp", once=True).answers / SECONDS


def flood(server: Started, peak: float) -> Flooded:
    """Ask ten times as fast; the upstream goes before the flood where both want the core."""
    argv = ["nice", "-n", "19", str(tools.compiled(SOURCE))]
    argv += [str(server.port), str(FLOOD_SECONDS), str(int(TIMES * peak))]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"flood ended with code {done.returncode}: {done.stderr.strip()}")
    sent, good, *_ = map(int, done.stdout.split())
    return Flooded(peak, sent / FLOOD_SECONDS, good / FLOOD_SECONDS, server.process.peak())


def figures_of(case: str, flooded: Sequence[Flooded]) -> list[Figure]:
    """Return the figures, medians of the rounds; only ours have targets."""
    peak, good = [one.peak for one in flooded], [one.good for one in flooded]
    limit, growth = (LIMIT, GROWTH) if case == NAME else (None, None)
    return [
        Figure(case, "peak", statistics.median(peak), "1/s"),
        Figure(case, "offered / peak", ratio([one.offered for one in flooded], peak), ""),
        Figure(case, "good", statistics.median(good), "1/s"),
        Figure(case, "peak / good", ratio(peak, good), "", limit),
        Figure(case, "memory, first flood", flooded[0].memory, "MiB"),
        Figure(case, "memory, last flood", flooded[-1].memory, "MiB"),
        Figure(case, "last / first", flooded[-1].memory / flooded[0].memory, "", growth),
    ]
