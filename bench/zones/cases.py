"""The cases in which zones are served from files."""

from collections.abc import Collection

from bench import figure
from bench.figure import Figure
from bench.rounds import Rounds
from bench.tools import Programs
from bench.zones import load, loading, transferring

OTHERS = {loading.NAME: loading.measure, transferring.NAME: transferring.measure}
NAMES = (*(case.name for case in load.CASES), *OTHERS)


def measure(only: Collection[str], work: Rounds, programs: Programs) -> dict[str, list[Figure]]:
    """Return the figures of some cases, table by table."""
    cpu: list[Figure] = []
    memory: list[Figure] = []
    for case in load.CASES:
        if case.name in only:
            measured = work.measure(case, load.servers(programs))
            cpu += figure.cpu(case, measured)
            memory += figure.memory(case, measured) if case.fresh else []
    tables = {"CPU per answer, zone files": cpu, "memory in a flood of names that a zone has not": memory}
    for name, other in OTHERS.items():
        if name in only:
            (work.folder / name).mkdir()
            tables[name] = other(work.folder / name, work.cores, programs)
    return tables
