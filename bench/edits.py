"""From a changed file in a manifest folder to a changed answer."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dns.message
import dns.rcode

from bench.check import Asked, answer_of, exchange
from bench.figure import Figure, percentile
from bench.process import BenchError, Cores, WrongAnswerError, free_port, running
from bench.progress import say
from bench.queries import local
from bench.servers.fedresolver import serve
from bench.truth import Answer, Truth, record, walk
from bench.world import LOCAL, World, endpoint_slice, write_list

NAME = "edits"
SIZES = (1, 1000)
"""Services of each member: the cost of an edit must not grow with them."""

EDITS = 100
LIMIT_MS = 1000.0
CPU_GROWTH = 2.0
TIMEOUT = 20.0
POLL_SECONDS = 0.002
SETTLE_SECONDS = 0.05
"""How long every answer must be the new one after it was first seen."""

EDITED, *_ = World(1).names
ANSWERS = {
    True: Answer(dns.rcode.NOERROR, frozenset([record(EDITED, 1)])),
    False: Answer(dns.rcode.NOERROR, frozenset(walk(EDITED, 1))),
}
"""What is right while the local shard is healthy, and while it is not."""


@dataclass(frozen=True, slots=True)
class Editor:
    """A member's folder that is edited, and the server that watches it."""

    folder: Path
    port: int
    query: bytes

    def edit(self, *, ready: bool) -> float:
        """Replace the file, and return the seconds until the answer changed; WrongAnswerError if it is wrong."""
        aside = self.folder / "first.json"
        write_list(aside, [endpoint_slice(EDITED, ready=ready)])
        began = time.monotonic()
        aside.rename(self.folder / "world" / LOCAL.name / "first.json")
        seconds = self.seen(ANSWERS[ready], ANSWERS[not ready], began)
        self.settle(ANSWERS[ready])
        return seconds

    def seen(self, new: Answer, old: Answer, began: float) -> float:
        """Poll until the new answer comes; only the old one may come before."""
        for answer in self.answers(TIMEOUT):
            if answer == new:
                return time.monotonic() - began
            if answer != old:
                raise WrongAnswerError(f"fedresolver after an edit: got {answer}, right is {new}, it was {old}")
        raise BenchError(f"fedresolver did not see an edited file within {TIMEOUT:.0f} s")

    def settle(self, new: Answer) -> None:
        """Poll a little longer; WrongAnswerError if the answer is not the new one."""
        for answer in self.answers(SETTLE_SECONDS):
            if answer != new:
                raise WrongAnswerError(f"fedresolver some time after an edit: got {answer}, right is {new}")

    def answers(self, seconds: float) -> Iterator[Answer]:
        """Ask again and again for some seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            yield answer_of(dns.message.from_wire(exchange(self.query, self.port)))
            time.sleep(POLL_SECONDS)


def measure(folder: Path, cores: Cores) -> list[Figure]:
    """Edit one EndpointSlice of a small world and of a large one."""
    figures: list[Figure] = []
    cpu: list[float] = []
    for size in SIZES:
        (folder / str(size)).mkdir()
        milliseconds, cost = edits(folder / str(size), cores, size)
        cpu.append(cost)
        case = f"{NAME}-{size}"
        figures.append(Figure(case, "p50", percentile(milliseconds, 50), "ms"))
        figures.append(Figure(case, "p99", percentile(milliseconds, 99), "ms", LIMIT_MS))
        figures.append(Figure(case, "CPU", cost, "ms"))
    figures.append(Figure(f"{NAME}-{SIZES[-1]}", f"CPU / that of {SIZES[0]}", cpu[-1] / cpu[0], "", CPU_GROWTH))
    return figures


def edits(folder: Path, cores: Cores, size: int) -> tuple[list[float], float]:
    """Return how long each edit took and what CPU one cost, in milliseconds."""
    World(size).write(folder / "world")
    port = free_port()
    query = next(local(1)(1))
    with running("fedresolver", serve(folder, port, free_port()), folder / "log", cores.server) as process:
        Asked("fedresolver", port, Truth(World(size)), ages=False).wait(query, process)
        editor = Editor(folder, port, query)
        say(f"{NAME}-{size}: {EDITS} edits")
        before = process.cpu()
        seconds = [editor.edit(ready=bool(number % 2)) for number in range(EDITS)]
        return [1000 * one for one in seconds], 1000 * (process.cpu() - before) / EDITS
