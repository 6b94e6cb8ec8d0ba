"""fedresolver with the members as manifests."""

import sys
from dataclasses import dataclass
from pathlib import Path

from bench.process import free_port
from bench.servers import CERTIFICATE, KEY, Site
from bench.world import DOMAIN, FEDERATION, LOCAL

COREFILE = """\
{keys} {{
    bind 127.0.0.1
    errors
    ready 127.0.0.1:{ready}
    prometheus 127.0.0.1:{metrics}
    federation {federation} {domain} {{
        manifests world
        local {local}
    }}
    loadbalance
{more}}}
"""


@dataclass(frozen=True, slots=True)
class Fedresolver:
    """fedresolver as it is run by `python -m fedresolver serve`."""

    name: str = "fedresolver"
    ages: bool = False

    def command(self, site: Site) -> list[str]:
        """Write the world and the Corefile, and return the command."""
        site.truth.world.write(site.folder / "world")
        keys = f".:{site.port} tls://.:{site.tls_port}"
        return run(site.folder, _corefile(keys, free_port(), f"    tls {CERTIFICATE} {KEY}\n"))


def serve(folder: Path, port: int, ready: int) -> list[str]:
    """Write a Corefile beside a world in `folder/world`, and return the command that serves it."""
    return run(folder, _corefile(f".:{port}", ready))


def _corefile(keys: str, ready: int, more: str = "") -> str:
    names = {"federation": FEDERATION, "domain": DOMAIN.rstrip("."), "local": LOCAL.name}
    return COREFILE.format(keys=keys, ready=ready, metrics=free_port(), more=more, **names)


def run(folder: Path, text: str) -> list[str]:
    """Write a Corefile, and return the command that serves it."""
    corefile = folder / "Corefile"
    corefile.write_text(text)
    return [sys.executable, "-m", "fedresolver", "serve", "--conf", str(corefile)]
