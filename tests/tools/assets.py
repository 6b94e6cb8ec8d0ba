"""The programs that member clusters are made of, found or built: `python -m tests.tools.assets` prints where they are.

Each one is looked for in `$KUBEBUILDER_ASSETS`, then on the path, then in our cache, `~/.cache/fedresolver/assets`. What is
missing is built there from the Go module `tests/e2e/assets`, which takes minutes, once.
"""

import os
import re
import shutil
import sys
from pathlib import Path

from tests.tools.golang import Module, listed, output

NEED = "the end-to-end tests need kube-apiserver, kubectl and etcd"
MODULE = Module(Path(__file__).parents[1] / "e2e" / "assets", "assets", NEED)
PACKAGES = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
}
OLDEST_ETCD = (3, 5, 13)
"""An API server streams its lists (`sendInitialEvents`) only on an etcd that tells the progress of watches."""


def assets() -> dict[str, Path]:
    """Return the path of each program by its name, all of them built if need be; BuildError when that fails."""
    found = {name: find(name) for name in PACKAGES}
    return {name: path or made(name) for name, path in found.items()}


def find(name: str) -> Path | None:
    """Return where a program is that can be used, if it is anywhere."""
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    for found in (
        folder and shutil.which(name, path=folder),
        shutil.which(name),
        shutil.which(name, path=MODULE.cache()),
    ):
        if found and fits(name, found):
            return Path(found)
    return None


def fits(name: str, path: str) -> bool:
    """Say whether a program is new enough."""
    return name != "etcd" or etcd_version(output([path, "--version"])) >= OLDEST_ETCD


def etcd_version(text: str) -> tuple[int, ...]:
    """Return the version out of what `etcd --version` prints."""
    found = re.search(r"etcd Version: (\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(number) for number in found.groups()) if found else ()


def made(name: str) -> Path:
    """Build a program into the cache, unless it is there, and return its path."""
    kubernetes = MODULE.required("k8s.io/kubernetes")
    return MODULE.made(name, PACKAGES[name], linked=f"-X k8s.io/component-base/version.gitVersion={kubernetes}")


if __name__ == "__main__":
    sys.exit(listed(assets))
