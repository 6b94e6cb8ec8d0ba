"""The command: `python -m bench`."""

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from bench import edits, figure, machine, report, start, tools
from bench.attacks import cases as attacks
from bench.cases import CASES, Case
from bench.clusters import cases as clusters
from bench.figure import Figure
from bench.forwarding import cases as forwarding
from bench.process import BenchError, Cores, WrongAnswerError, two_cores
from bench.rounds import Rounds
from bench.servers import Server, floor
from bench.servers.coredns import CoreDns
from bench.servers.fedresolver import Fedresolver
from bench.servers.floor import Floor
from bench.servers.nsd import Nsd
from bench.tools import Programs
from bench.zones import cases as zones

WRONG, UNABLE = 1, 2
OTHERS: dict[str, Callable[[Path, Cores], list[Figure]]] = {edits.NAME: edits.measure, start.NAME: start.measure}
NAMES = (*(case.name for case in CASES), *forwarding.NAMES, *zones.NAMES, *attacks.NAMES, *OTHERS, *clusters.NAMES)


def servers(case: Case, programs: Programs) -> list[Server]:
    """Return the servers of a case in the order in which they take turns."""
    others: list[Server] = [Floor(programs.floor)] if case.transport == "udp" else []
    if case.transport != "connections":  # its clients wait most of the time
        others.append(Nsd())
    if programs.coredns:
        others.append(CoreDns(programs.coredns, case.coredns))
    return [*others, Fedresolver()]


def chosen(_context: click.Context, _option: click.Parameter, only: str) -> list[str]:
    """Return the cases whose names begin with one of those given, or all."""
    prefixes = tuple(only.split(","))
    if unknown := [prefix for prefix in prefixes if not any(name.startswith(prefix) for name in NAMES)]:
        raise click.BadParameter(f"no case {unknown[0]}; there are {', '.join(NAMES)}")
    return [name for name in NAMES if name.startswith(prefixes)]


@click.command()
@click.option("--only", default="", metavar="CASE,...", callback=chosen, help="Only cases that begin so.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1), help="Loads per server and case.")
@click.option("--seconds", default=2.0, show_default=True, help="How long each load lasts.")
@click.option("--no-coredns", is_flag=True, help="Leave CoreDNS out; it needs Go 1.25 or newer.")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def main(only: list[str], rounds: int, seconds: float, no_coredns: bool, output: str) -> None:
    """Measure fedresolver beside a C loop and other servers, and with members that are API servers.

    A server that answers wrongly is not measured: exit 1. A missed target is printed, and no error. Exit 2
    when something needed is not there.
    """
    try:
        tools.install()
        programs = Programs(tools.compiled(floor.SOURCE), None if no_coredns else tools.coredns())
        tables = measure(only, programs, rounds, seconds)
        facts = machine.describe(programs.coredns)
    except BenchError as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(WRONG if isinstance(error, WrongAnswerError) else UNABLE)
    click.echo(report.json(facts, tables) if output == "json" else report.text(facts, tables))


def measure(only: Sequence[str], programs: Programs, rounds: int, seconds: float) -> dict[str, list[Figure]]:
    """Return the figures of the cases, table by table."""
    cores = two_cores()
    os.sched_setaffinity(0, {cores.load})  # and so whatever is started from here, but for the servers
    tables: dict[str, list[Figure]] = {"CPU per answer": [], "memory in a flood": []}
    cpu, memory = tables.values()
    with tempfile.TemporaryDirectory(prefix="fedresolver-bench-") as name:
        work = Rounds(Path(name), cores, rounds, seconds)
        for case in CASES:
            if case.name in only:
                measured = work.measure(case, servers(case, programs))
                cpu += figure.cpu(case, measured)
                memory += figure.memory(case, measured) if case.fresh else []
        if found := [title for title in only if title in forwarding.NAMES]:
            tables |= forwarding.measure(found, work, programs)
        if found := [title for title in only if title in zones.NAMES]:
            tables |= zones.measure(found, work, programs)
        if found := [title for title in only if title in attacks.NAMES]:
            tables["attacks"] = attacks.measure(found, work.folder, cores)
        for title, other in OTHERS.items():
            if title in only:
                (work.folder / title).mkdir()
                tables[title] = other(work.folder / title, cores)
        if found := [title for title in only if title in clusters.NAMES]:
            tables |= clusters.measure(found, work.folder, cores, programs.coredns)
    return tables


if __name__ == "__main__":
    main(prog_name="python -m bench")
