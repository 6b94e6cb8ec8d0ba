"""`fedresolver rbac`."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from fedresolver.plugins.federation.reads import Reads, reads
from fedresolver.run.failure import FAILURES, reasons
from fedresolver.run.files import read_corefile
from fedresolver.watch.cluster.rights import rules

LOCAL = "fedresolver"
"""The ClusterRole of the cluster around us. A cluster may have both: others read it, too."""
REMOTE = "fedresolver-remote"
"""The ClusterRole of a cluster that is read from elsewhere."""


def rbac(path: str, member: str, output: str) -> int:
    """Print the ClusterRoles that the Corefile at `path` needs, those of one `member` or all; return the exit code."""
    try:
        roles = cluster_roles(path, dict(os.environ), member)
    except FAILURES as error:
        print("\n".join(reasons(error)), file=sys.stderr)
        return 1
    if not roles:
        which = f"{member} member" if member else "member"
        print(f"{path}: no federation has a {which} that is an API server: nothing is needed", file=sys.stderr)
        return 1
    print(_json(roles) if output == "json" else text(roles), end="")
    return 0


def cluster_roles(path: str, environ: dict[str, str], member: str = "") -> list[dict[str, Any]]:
    """Return the ClusterRoles that the Corefile at `path` needs, of `local` or `remote` members or, empty, of both."""
    blocks = read_corefile(path, environ).blocks
    found = reads((one for block in blocks for one in block.stanzas if one.text == "federation"), environ)
    return [role for which, role in _roles(found) if member in ("", which)]


def _roles(found: Reads) -> Iterator[tuple[str, dict[str, Any]]]:
    for which, name, kinds in (("local", LOCAL, found.local), ("remote", REMOTE, found.remote)):
        if kinds:
            yield (
                which,
                {
                    "apiVersion": "rbac.authorization.k8s.io/v1",
                    "kind": "ClusterRole",
                    "metadata": {"name": name},
                    "rules": msgspec.json.decode(msgspec.json.encode(rules(kinds))),
                },
            )


def text(objects: list[dict[str, Any]]) -> str:
    """Return objects as YAML, a document each."""
    dumped = (yaml.safe_dump(one, sort_keys=False, default_flow_style=None) for one in objects)
    return "---\n".join(dumped)


def _json(objects: list[dict[str, Any]]) -> str:
    whole = objects[0] if len(objects) == 1 else {"apiVersion": "v1", "kind": "List", "items": objects}
    return json.dumps(whole, indent=2) + "\n"
