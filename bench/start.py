"""From the start of the process to `GET /ready` 200."""

import http.client
import statistics
import time
from pathlib import Path

from bench.figure import Figure
from bench.process import BenchError, Cores, Process, free_port, running
from bench.progress import say
from bench.servers.fedresolver import serve
from bench.world import World

NAME = "start"
SERVICES = 1000
TIMES = 5
LIMIT_SECONDS = 3.0
TIMEOUT = 60.0
POLL_SECONDS = 0.01


def measure(folder: Path, cores: Cores) -> list[Figure]:
    """Start it some times with four members of 1,000 Services each; BenchError if it gets not ready."""
    World(SERVICES).write(folder / "world")
    seconds, cpu, resident = [], [], []
    for number in range(1, TIMES + 1):
        say(f"{NAME}: {number} of {TIMES}")
        ready = free_port()
        argv = serve(folder, free_port(), ready)
        began = time.monotonic()
        with running("fedresolver", argv, folder / "log", cores.server) as process:
            wait_ready(process, ready, began + TIMEOUT)
            seconds.append(time.monotonic() - began)
            cpu.append(process.cpu())
            resident.append(process.resident())
    return [
        Figure(NAME, "ready, median", statistics.median(seconds), "s", LIMIT_SECONDS),
        Figure(NAME, "CPU, median", statistics.median(cpu), "s"),
        Figure(NAME, "memory, median", statistics.median(resident), "MiB"),
    ]


def wait_ready(process: Process, port: int, deadline: float) -> None:
    """Poll until it is ready; BenchError when it ends or the deadline passes."""
    while not is_ready(port):
        process.check_alive()
        if time.monotonic() > deadline:
            raise BenchError(f"{process.name} is not ready after {TIMEOUT:.0f} s; its log is {process.log}")
        time.sleep(POLL_SECONDS)


def is_ready(port: int) -> bool:
    """Tell whether `GET /ready` says 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
