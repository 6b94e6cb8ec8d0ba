"""From the start of the process to the first right answer, from the snapshot alone: no API server runs."""

import statistics
import time
from pathlib import Path

import dns.message
import dns.rcode

from bench.check import answer_of, exchange
from bench.clusters import content, setup
from bench.clusters.planes import Planes
from bench.clusters.start import TIMES
from bench.figure import Figure
from bench.process import BenchError, Cores, free_port, running
from bench.progress import say
from bench.queries import query
from bench.start import TIMEOUT, wait_ready
from bench.truth import SUFFIX, Answer, record

NAME = "clusters-snapshot"
LIMIT_SECONDS = 2.0
POLL_SECONDS = 0.01


def measure(folder: Path, cores: Cores, planes: Planes) -> list[Figure]:
    """Have a snapshot written, end all control planes, and start some times."""
    planes.write_kubeconfig(folder / "kubeconfig")
    port, ready = free_port(), free_port()
    argv = setup.ours(folder, port, ready, setup.NO_PROBE, "snapshot snapshot")
    say(f"{NAME}: writing the snapshot")
    with running("fedresolver", argv, folder / "log", cores.server) as process:
        wait_ready(process, ready, time.monotonic() + TIMEOUT)
    size = (folder / "snapshot").stat().st_size / 2**20
    planes.stop()
    found = []
    for number in range(1, TIMES + 1):
        say(f"{NAME}: {number} of {TIMES}")
        found.append(start(argv, folder / "log", port, cores))
    return [
        Figure(
            NAME, "first right answer, median", statistics.median(seconds for seconds, _ in found), "s", LIMIT_SECONDS
        ),
        Figure(NAME, "CPU until then, median", statistics.median(cpu for _, cpu in found), "s"),
        Figure(NAME, "snapshot", size, "MiB"),
    ]


def start(argv: list[str], log: Path, port: int, cores: Cores) -> tuple[float, float]:
    """Return seconds and CPU seconds from the start of the process to the first right answer."""
    name, number = content.numbered(content.SERVICES)[-2]
    right = Answer(dns.rcode.NOERROR, frozenset([record(name, number)]))
    message = query(f"{name}.{SUFFIX}").to_wire()
    began = time.monotonic()
    with running("fedresolver", argv, log, cores.server) as process:
        while answer(message, port) != right:
            process.check_alive()
            if time.monotonic() > began + TIMEOUT:
                raise BenchError(
                    f"fedresolver does not answer from its snapshot within {TIMEOUT:.0f} s; its log is {log}"
                )
            time.sleep(POLL_SECONDS)
        return time.monotonic() - began, process.cpu()


def answer(message: bytes, port: int) -> Answer | None:
    """Return the answer to a message, None if there is none."""
    try:
        return answer_of(dns.message.from_wire(exchange(message, port)))
    except OSError:
        return None
