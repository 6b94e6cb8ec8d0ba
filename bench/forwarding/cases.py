"""The cases in which names are forwarded."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

from bench import figure
from bench.figure import Figure
from bench.forwarding import dead, herd, load, overload
from bench.forwarding.upstream import upstream
from bench.process import Cores
from bench.rounds import Rounds
from bench.tools import Programs


class Trouble(Protocol):
    """Something that is measured in its own way."""

    def __call__(self, folder: Path, cores: Cores, programs: Programs) -> list[Figure]:
        """Return its figures; the folder is its own."""


TROUBLES: Mapping[str, Trouble] = {
    dead.NAME: dead.measure,
    herd.NAME: herd.measure,
    overload.NAME: overload.measure,
}
NAMES = (*(case.name for case in load.CASES), *TROUBLES)


def measure(only: Collection[str], work: Rounds, programs: Programs) -> dict[str, list[Figure]]:
    """Return the figures of some cases, table by table."""
    cpu: list[Figure] = []
    memory: list[Figure] = []
    for case in load.CASES:
        if case.name in only:
            with upstream(work.folder, work.cores) as port:
                measured = work.measure(case, load.servers(case, programs, port))
            cpu += figure.cpu(case, measured)
            memory += figure.memory(case, measured) if case.fresh else []
    tables = {"CPU per answer, forwarding": cpu, "memory in a flood of forwarded names": memory}
    for name, trouble in TROUBLES.items():
        if name in only:
            (work.folder / name).mkdir()
            tables[name] = trouble(work.folder / name, work.cores, programs)
    return tables
