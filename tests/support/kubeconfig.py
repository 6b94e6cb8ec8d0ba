"""Kubeconfig files with one context, `c1`, as a test describes it."""

import json
from pathlib import Path

from fedresolver.watch.access.entry import Access, Entry
from fedresolver.watch.access.host import Host
from fedresolver.watch.access.kubeconfig import read

SERVER = "https://192.0.2.1:6443"


def written(folder: Path, cluster: object = None, user: object = None, context: object = None) -> Path:
    """Write a file in `folder`; without more the server is `SERVER` and the user nobody."""
    if cluster is None or isinstance(cluster, dict):
        cluster = {"server": SERVER} | (cluster or {})
    told = {
        "clusters": [{"name": "k1", "cluster": cluster}],
        "users": [{"name": "u1", "user": user}],
        "contexts": [{"name": "c1", "context": context or {"cluster": "k1", "user": "u1"}}],
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(told))
    return path


def host(*allowed: Path, wall: float = 0.0, patience: float = 10.0, **environ: str) -> Host:
    """Return a host that allows these plugins, where it is always `wall`."""
    return Host(tuple(map(str, allowed)), environ, lambda: wall, patience)


def access(folder: Path, cluster: object = None, user: object = None, of: Host | None = None) -> Access:
    """Return the way that a kubeconfig describes."""
    return read(str(written(folder, cluster, user))).access("c1", of or host())


async def entry(folder: Path, cluster: object = None, user: object = None, of: Host | None = None) -> Entry:
    """Return what the next request goes with."""
    return await access(folder, cluster, user, of).entry()
