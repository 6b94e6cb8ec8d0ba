"""The load: dnsperf with messages that we built, as fast as the server answers."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.process import BenchError
from bench.tools import compiled

OUTSTANDING = 100
CLIENTS = 4
OPEN = 64
"""How many TCP connections are open at a time where each is for one query."""
CONNECTIONS = Path(__file__).parent / "connections.c"
COMPLETED = re.compile(r"Queries completed:\s+(\d+)")
LOST = re.compile(r"Queries lost:\s+(\d+)")
RCODES = re.compile(r"Response codes:\s+(.*)")
RCODE = re.compile(r"(\w+) (\d+) \(")
TIMES = re.compile(r"^> [A-Z]{2,} .*?([\d.]+)$", re.MULTILINE)
"""Not that of a query without an answer, which is `> T`."""


@dataclass(frozen=True, slots=True)
class Load:
    """What came back: answers by rcode, and queries that got none."""

    answers: int
    lost: int
    rcodes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Paced(Load):
    """What came back of a load at a given rate, and how many seconds each answer took."""

    seconds: list[float]


def write(path: Path, messages: Iterable[bytes]) -> None:
    """Write messages as dnsperf -B reads them: as on TCP, each after its length in two octets."""
    with path.open("wb") as file:
        file.writelines(len(message).to_bytes(2) + message for message in messages)


def run(queries: Path, port: int, *, seconds: float, transport: str, once: bool) -> Load:
    """Ask 127.0.0.1 for some seconds, over and over, or at most `once` each; BenchError if dnsperf fails."""
    if transport == "connections":
        return connections(queries, port, seconds)
    return parse(dnsperf(queries, port, "-m", transport, "-l", str(seconds), *["-n", "1"] * once))


def connections(queries: Path, port: int, seconds: float) -> Load:
    """Ask 127.0.0.1 for some seconds, over and over, each message on a TCP connection of its own."""
    return parse(output([str(compiled(CONNECTIONS)), str(port), str(seconds), str(OPEN), str(queries)]))


def paced(queries: Path, port: int, *, seconds: float, rate: int) -> Paced:
    """Ask 127.0.0.1 for some seconds, over and over, at a rate in queries per second; BenchError if dnsperf fails."""
    report = dnsperf(queries, port, "-v", "-l", str(seconds), "-Q", str(rate))
    found = parse(report)
    return Paced(found.answers, found.lost, found.rcodes, times(report))


def dnsperf(queries: Path, port: int, *more: str) -> str:
    """Return what dnsperf prints; BenchError if it fails."""
    argv = ["dnsperf", "-B", "-s", "127.0.0.1", "-p", str(port), "-d", str(queries)]
    argv += ["-c", str(CLIENTS), "-q", str(OUTSTANDING), *more]
    return output(argv)


def output(argv: list[str]) -> str:
    """Return what a command prints; BenchError if it fails."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{Path(argv[0]).name} ended with code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def parse(report: str) -> Load:
    """Read dnsperf's report; BenchError when it counted nothing."""
    completed, lost = COMPLETED.search(report), LOST.search(report)
    if not completed or not lost or not int(completed[1]):
        raise BenchError(f"dnsperf counted no answers: {report.strip()}")
    rcodes = RCODES.search(report)
    counts = {name: int(number) for name, number in RCODE.findall(rcodes[1] if rcodes else "")}
    return Load(int(completed[1]), int(lost[1]), counts)


def times(report: str) -> list[float]:
    """Return how many seconds each answer took, out of a report with a line for each query (-v)."""
    return [float(seconds) for seconds in TIMES.findall(report)]
