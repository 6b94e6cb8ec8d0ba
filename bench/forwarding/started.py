"""A server that forwards and answers, outside of the rounds."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.check import Asked
from bench.forwarding.truth import Forwarded
from bench.forwarding.upstream import ANY_NAME
from bench.process import Cores, Process, free_port, running
from bench.queries import query
from bench.servers import Server, Site
from bench.world import World

SERVICES = 1000
TIMEOUT = 6.0
"""Seconds: longer than a server may take to give up."""


@dataclass(frozen=True, slots=True)
class Started:
    """The process, and where it is asked."""

    process: Process
    port: int
    asked: Asked


@contextlib.contextmanager
def started(server: Server, folder: Path, cores: Cores, first: str = ANY_NAME) -> Iterator[Started]:
    """Run a server in a new folder until the block ends; a first name is answered when it is given."""
    folder.mkdir()
    truth, message = Forwarded(World(SERVICES)), query(first).to_wire()
    site = Site(folder=folder, port=free_port(), truth=truth, first=message)
    asked = Asked(server.name, site.port, truth, server.ages, TIMEOUT)
    with running(server.name, server.command(site), folder / "log", cores.server) as process:
        asked.wait(message, process)
        yield Started(process, site.port, asked)
