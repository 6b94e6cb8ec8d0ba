"""fedresolver with the members as manifests."""

import sys
from dataclasses import dataclass
from pathlib import Path

from bench.process import free_port
from bench.servers import Site
from bench.world import DOMAIN, FEDERATION, LOCAL

COREFILE = """\
.:{port} {{
    bind 127.0.0.1
    errors
    ready 127.0.0.1:{ready}
    prometheus 127.0.0.1:{metrics}
    federation {federation} {domain} {{
        manifests world
        local {local}
    }}
    loadbalance
}}
"""


@dataclass(frozen=True, slots=True)
class Fedresolver:
    """fedresolver as it is run by `python -m fedresolver serve`."""

    name: str = "fedresolver"
    ages: bool = False

    def command(self, site: Site) -> list[str]:
        """Write the world and the Corefile, and return the command."""
        site.truth.world.write(site.folder / "world")
        return serve(site.folder, site.port, free_port())


def serve(folder: Path, port: int, ready: int) -> list[str]:
    """Write a Corefile beside a world in `folder/world`, and return the command that serves it."""
    names = {"federation": FEDERATION, "domain": DOMAIN.rstrip("."), "local": LOCAL.name}
    return run(folder, COREFILE.format(port=port, ready=ready, metrics=free_port(), **names))


def run(folder: Path, text: str) -> list[str]:
    """Write a Corefile, and return the command that serves it."""
    corefile = folder / "Corefile"
    corefile.write_text(text)
    return [sys.executable, "-m", "fedresolver", "serve", "--conf", str(corefile)]
