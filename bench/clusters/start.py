"""From the start of the process to `GET /ready` 200 with four members of 5,000 Services: what it takes and keeps."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from bench.clusters import setup
from bench.clusters.planes import Planes
from bench.figure import Figure
from bench.process import Cores, free_port, running
from bench.progress import say
from bench.start import TIMEOUT, wait_ready

NAME = "clusters-start"
TIMES = 3
LATER_SECONDS = 30.0
LIMIT_SECONDS = 8.0
LIMIT_CPU = 2.5
LIMIT_MIB = 190.0


@dataclass(frozen=True, slots=True)
class Started:
    """What a server took until it was ready, and afterwards."""

    seconds: float
    cpu: float
    memory: float
    """PSS when it was ready, in MiB."""

    idle: float = 0.0
    """CPU in the time after it, in milliseconds per second."""

    later: float = 0.0
    """PSS at the end of that time, in MiB."""


def measure(folder: Path, cores: Cores, planes: Planes, coredns: Path | None) -> list[Figure]:
    """Start fedresolver with probes off and on, and CoreDNS with one member; BenchError if it gets not ready."""
    planes.write_kubeconfig(folder / "kubeconfig")
    found: list[Figure] = []
    for name, more in ((f"{NAME}, probe off", (setup.NO_PROBE,)), (NAME, ())):
        argv = setup.ours(folder, free_port(), ready := free_port(), *more)
        found += figures(name, times(name, argv, folder, ready, cores), limited=True)
    if coredns:
        argv = setup.coredns(coredns, folder, free_port(), ready := free_port())
        name = f"{NAME}, coredns with one member"
        found += figures(name, times(name, argv, folder, ready, cores), limited=False)
    return found


def times(name: str, argv: list[str], folder: Path, ready: int, cores: Cores) -> list[Started]:
    """Start a server some times; the last time it runs on for a while."""
    found = []
    for number in range(1, TIMES + 1):
        say(f"{name}: {number} of {TIMES}")
        found.append(start(name, argv, folder / "log", ready, cores, LATER_SECONDS if number == TIMES else 0.0))
    return found


def start(name: str, argv: list[str], log: Path, ready: int, cores: Cores, later: float) -> Started:
    """Start a server, and look at it when it is ready and `later`."""
    began = time.monotonic()
    with running(name, argv, log, cores.server) as process:
        wait_ready(process, ready, began + TIMEOUT)
        seconds, cpu, memory = time.monotonic() - began, process.cpu(), process.proportional()
        if not later:
            return Started(seconds, cpu, memory)
        time.sleep(later)
        return Started(seconds, cpu, memory, 1000 * (process.cpu() - cpu) / later, process.proportional())


def figures(case: str, found: list[Started], *, limited: bool) -> list[Figure]:
    """Return the medians of some starts, and what the last one took and kept later; not all are `limited`."""
    wall, cpu, memory = (LIMIT_SECONDS, LIMIT_CPU, LIMIT_MIB) if limited else (None, None, None)
    return [
        Figure(case, "ready, median", statistics.median(one.seconds for one in found), "s", wall),
        Figure(case, "CPU, median", statistics.median(one.cpu for one in found), "s", cpu),
        Figure(case, "memory, median", statistics.median(one.memory for one in found), "MiB", memory),
        Figure(case, f"{LATER_SECONDS:.0f} s later", found[-1].later, "MiB", memory),
        Figure(case, "CPU meanwhile", found[-1].idle, "ms/s"),
    ]
