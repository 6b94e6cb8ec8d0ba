"""How fedresolver and CoreDNS are run when their members are API servers."""

import sys
from pathlib import Path

from bench.process import free_port
from bench.world import DOMAIN, FEDERATION, LOCAL

OURS = """\
.:{port} {{
    bind 127.0.0.1
    errors
    ready 127.0.0.1:{ready}
    prometheus 127.0.0.1:{metrics}
    federation {federation} {domain} {{
        kubeconfig kubeconfig
        local {local}
        allow_addresses 127.0.0.0/8
{more}    }}
    loadbalance
}}
"""
COREDNS = """\
.:{port} {{
    bind 127.0.0.1
    errors
    ready 127.0.0.1:{ready}
    kubernetes cluster.local {{
        kubeconfig kubeconfig {local}
    }}
}}
"""
NO_PROBE = "probe off"


def ours(folder: Path, port: int, ready: int, *more: str) -> list[str]:
    """Write a Corefile beside `folder/kubeconfig`, and return the command; `more` are lines of the federation."""
    names = {"federation": FEDERATION, "domain": DOMAIN.rstrip("."), "local": LOCAL.name}
    lines = "".join(f"        {line}\n" for line in more)
    corefile = folder / "Corefile"
    corefile.write_text(OURS.format(port=port, ready=ready, metrics=free_port(), more=lines, **names))
    return [sys.executable, "-m", "fedresolver", "serve", "--conf", str(corefile)]


def coredns(binary: Path, folder: Path, port: int, ready: int) -> list[str]:
    """Write a Corefile beside `folder/kubeconfig` for the local member alone, and return the command."""
    corefile = folder / "Corefile.coredns"
    corefile.write_text(COREDNS.format(port=port, ready=ready, local=LOCAL.name))
    return [str(binary), "-conf", str(corefile)]
