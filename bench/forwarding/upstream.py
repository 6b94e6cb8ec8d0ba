"""The server that names are forwarded to: `upstream.c`, beside the load."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from bench import tools
from bench.check import Asked
from bench.forwarding.truth import Forwarded
from bench.process import Cores, free_port, running
from bench.queries import query
from bench.world import World

NAME = "upstream"
SOURCE = Path(__file__).with_suffix(".c")
ANY_NAME = "www.example.net."


@contextlib.contextmanager
def upstream(folder: Path, cores: Cores) -> Iterator[int]:
    """Run it on the core of the load, and give its port."""
    port = free_port()
    argv = [str(tools.compiled(SOURCE)), str(port)]
    with running(NAME, argv, folder / f"{NAME}-{port}.log", cores.load) as process:
        asked = Asked(NAME, port, Forwarded(World(1)), ages=False)
        asked.wait(query(ANY_NAME).to_wire(), process)
        yield port
