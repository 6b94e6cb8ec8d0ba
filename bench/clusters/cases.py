"""The cases with member clusters, and what they share."""

from collections.abc import Collection
from pathlib import Path

from bench.clusters import churn, convergence, relists, snapshot, start
from bench.clusters.planes import planes
from bench.figure import Figure
from bench.process import Cores

SHARED = (convergence.NAME, start.NAME, snapshot.NAME)
"""Those with real control planes, which are started once for all of them."""

ALONE = {relists.NAME: relists.measure, churn.NAME: churn.measure}
NAMES = (*SHARED, *ALONE)


def measure(only: Collection[str], folder: Path, cores: Cores, coredns: Path | None) -> dict[str, list[Figure]]:
    """Return the figures of some cases, by case; `coredns` is None where it is left out."""
    tables: dict[str, list[Figure]] = {}
    for name in only:
        (folder / name).mkdir()
    if any(name in only for name in SHARED):
        with planes(folder, cores) as found:
            if convergence.NAME in only:
                tables[convergence.NAME] = convergence.measure(folder / convergence.NAME, cores, found, coredns)
            if start.NAME in only:
                tables[start.NAME] = start.measure(folder / start.NAME, cores, found, coredns)
            if snapshot.NAME in only:  # the last one: it ends the control planes
                tables[snapshot.NAME] = snapshot.measure(folder / snapshot.NAME, cores, found)
    for name, alone in ALONE.items():
        if name in only:
            tables[name] = alone(folder / name, cores)
    return tables
