"""Memory while a member is listed again and again."""

import time
from pathlib import Path

from bench.clusters import setup
from bench.clusters.stubbed import stubbed
from bench.figure import MEMORY_GROWTH, Figure
from bench.process import Cores, free_port, running
from bench.progress import say
from bench.start import TIMEOUT, wait_ready

NAME = "clusters-relists"
WARM = 10
RELISTS = 100
BETWEEN_SECONDS = 1.05
"""A watch that ends sooner, again and again, is opened more and more slowly."""


def measure(folder: Path, cores: Cores) -> list[Figure]:
    """Have all 5,000 Services and EndpointSlices of a member listed 100 times.

    It is the resident memory: the proportional one grows also when others end that share our pages.
    """
    with stubbed(folder) as stub:
        argv = setup.ours(folder, free_port(), ready := free_port(), setup.NO_PROBE)
        with running("fedresolver", argv, folder / "log", cores.server) as process:
            wait_ready(process, ready, time.monotonic() + TIMEOUT)
            began, memory = process.cpu(), [process.resident()]
            for number in range(1, RELISTS + 1):
                if number % WARM == 0:
                    say(f"{NAME}: {number} of {RELISTS}")
                time.sleep(BETWEEN_SECONDS)
                stub.tell("relist")
                stub.wait()
                memory.append(process.resident())
            cpu = (process.cpu() - began) / RELISTS
    return [
        Figure(NAME, "ready", memory[0], "MiB"),
        Figure(NAME, f"after {WARM}", memory[WARM], "MiB"),
        Figure(NAME, f"after {RELISTS}", memory[RELISTS], "MiB"),
        Figure(NAME, f"{RELISTS} / {WARM}", memory[RELISTS] / memory[WARM], "", MEMORY_GROWTH),
        Figure(NAME, "CPU of one", cpu, "s"),
    ]
