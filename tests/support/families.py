"""All families of metrics that the code makes, from a configuration with every plugin that counts."""

import re
from pathlib import Path

from fedresolver.observe.family import Family
from fedresolver.plugins import ORDER
from fedresolver.run.build import Surroundings, build
from fedresolver.run.files import read_corefile
from fedresolver.run.server import Server
from tests.support.manuals import manual, sections

COREFILE = """. {
    prometheus
    ready
    reload
    cookie
    acl {
        block net 192.0.2.0/24
    }
    rrl
    hosts
    federation myfederation example.com {
        manifests members
        kubeconfig kubeconfig
        snapshot state
    }
    transfer example.com {
        to *
    }
    file zone example.org
    secondary example.edu {
        transfer from 192.0.2.1
    }
    cache
    loop
    forward . 192.0.2.1
}
"""


def families(folder: Path) -> list[Family]:
    """Return the families of a process with all of it, which is built and not started."""
    path = folder / "Corefile"
    path.write_text(COREFILE)
    (folder / "kubeconfig").write_text("contexts: []")
    (folder / "zone").touch()
    (folder / "members").mkdir()
    server = Server(str(path), {})
    around = Surroundings(
        process=server, metrics=server.metrics, environ={}, clock=lambda: 0.0, wall=lambda: 0.0, port=53
    )
    built = build(read_corefile(str(path), {}), around, {})
    server.metrics.read_with(built.readers)
    return sorted(server.metrics.families(), key=lambda family: family.name)


def plugin_of(name: str) -> str:
    """Return the plugin whose manual has a metric; ValueError unless it is exactly one."""
    (found,) = [plugin for plugin in ORDER if re.search(rf"(?m)^[-*|] `{name}[`{{]", _metrics(plugin))]
    return found


def _metrics(plugin: str) -> str:
    return sections(manual(plugin)).get("Metrics", "")


def row(family: Family) -> str:
    """Return the row of a family in docs/metrics.md."""
    labels = ", ".join(f"`{label}`" for label in family.labels)
    kind = type(family).__name__.lower()
    return f"| `{family.name}` | {kind} | {labels} | {family.text} | {plugin_of(family.name)} |"
