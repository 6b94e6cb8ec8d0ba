"""The load: dnsperf with messages that we built, as fast as the server answers."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.process import BenchError

OUTSTANDING = 100
CLIENTS = 4
COMPLETED = re.compile(r"Queries completed:\s+(\d+)")
LOST = re.compile(r"Queries lost:\s+(\d+)")
RCODES = re.compile(r"Response codes:\s+(.*)")
RCODE = re.compile(r"(\w+) (\d+) \(")


@dataclass(frozen=True, slots=True)
class Load:
    """What came back: answers by rcode, and queries that got none."""

    answers: int
    lost: int
    rcodes: dict[str, int]


def write(path: Path, messages: Iterable[bytes]) -> None:
    """Write messages as dnsperf -B reads them: as on TCP, each after its length in two octets."""
    with path.open("wb") as file:
        file.writelines(len(message).to_bytes(2) + message for message in messages)


def run(queries: Path, port: int, *, seconds: float, transport: str, once: bool) -> Load:
    """Ask 127.0.0.1 for some seconds, over and over, or at most `once` each; BenchError if dnsperf fails."""
    argv = ["dnsperf", "-B", "-s", "127.0.0.1", "-p", str(port), "-m", transport, "-d", str(queries)]
    argv += ["-l", str(seconds), "-c", str(CLIENTS), "-q", str(OUTSTANDING)]
    done = subprocess.run(argv + ["-n", "1"] * once, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"dnsperf ended with code {done.returncode}: {done.stderr.strip()}")
    return parse(done.stdout)


def parse(report: str) -> Load:
    """Read dnsperf's report; BenchError when it counted nothing."""
    completed, lost = COMPLETED.search(report), LOST.search(report)
    if not completed or not lost or not int(completed[1]):
        raise BenchError(f"dnsperf counted no answers: {report.strip()}")
    rcodes = RCODES.search(report)
    counts = {name: int(number) for name, number in RCODE.findall(rcodes[1] if rcodes else "")}
    return Load(int(completed[1]), int(lost[1]), counts)
