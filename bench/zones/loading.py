"""A large zone file is read at the start, while another zone is asked for all the time."""

import statistics
import time
from pathlib import Path

from bench.check import exchange, question_of
from bench.figure import Figure, percentile
from bench.process import BenchError, Cores, Process, free_port, running
from bench.progress import say
from bench.queries import query
from bench.servers.fedresolver import run
from bench.tools import Programs
from bench.world import World
from bench.zones.truth import ZONE, ZoneTruth, name_of

NAME = "zone-loading"
RECORDS = 100_000
TIMES = 3
LIMIT_SECONDS = 30.0
TIMEOUT = 120.0
OTHER = "other.example."
SMALL = f"""\
{OTHER} 3600 IN SOA ns.{OTHER} hostmaster.{OTHER} 1 7200 1800 86400 5
{OTHER} 3600 IN NS ns.{OTHER}
ns.{OTHER} 3600 IN A 127.0.0.1
"""
COREFILE = """\
.:{port} {{
    bind 127.0.0.1
    errors
    file small {other}
    file large {zone}
}}
"""


def measure(folder: Path, cores: Cores, _: Programs) -> list[Figure]:
    """Start it some times; the large zone is there when its last name is answered."""
    (folder / "large").write_text(ZoneTruth(World(RECORDS)).zone(ZONE))
    (folder / "small").write_text(SMALL)
    loaded, waits, cpu, resident = [], [], [], []
    for number in range(1, TIMES + 1):
        say(f"{NAME}: {number} of {TIMES}")
        port = free_port()
        argv = run(folder, COREFILE.format(port=port, other=OTHER, zone=ZONE))
        began = time.monotonic()
        with running("fedresolver", argv, folder / "log", cores.server) as process:
            waits += wait(process, port, began + TIMEOUT)
            loaded.append(time.monotonic() - began)
            cpu.append(process.cpu())
            resident.append(process.resident())
    return [
        Figure(NAME, "loaded, median", statistics.median(loaded), "s", LIMIT_SECONDS),
        Figure(NAME, "CPU, median", statistics.median(cpu), "s"),
        Figure(NAME, "memory, median", statistics.median(resident), "MiB"),
        Figure(NAME, "answers meanwhile", len(waits), ""),
        Figure(NAME, "of these p99", percentile(waits, 99) * 1e3, "ms"),
    ]


def wait(process: Process, port: int, deadline: float) -> list[float]:
    """Ask for the other zone until the large one is there; return how many seconds each of the answers took."""
    small, large = query(f"ns.{OTHER}").to_wire(), query(name_of(RECORDS)).to_wire()
    waits: list[float] = []
    while time.monotonic() < deadline:
        process.check_alive()
        asked = time.monotonic()
        if is_answered(small, port):
            waits.append(time.monotonic() - asked)
            if is_answered(large, port):
                return waits
    raise BenchError(f"{question_of(large)[0]} is not there after {TIMEOUT:.0f} s; its log is {process.log}")


def is_answered(message: bytes, port: int) -> bool:
    """Tell whether a message gets one record; none comes before the listeners are open."""
    try:
        reply = exchange(message, port, 1.0)
    except OSError:
        return False
    return reply[6:8] == b"\0\1"
