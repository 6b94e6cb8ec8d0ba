"""The programs that member clusters are made of, found or built: `python -m tests.tools.assets` prints where they are.

Each one is looked for in `$KUBEBUILDER_ASSETS`, then on the path, then in our cache, `~/.cache/fedresolver/assets`. What is
missing is built there from the Go module `tests/e2e/assets`, which takes minutes, once.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.tools import golang

MODULE = Path(__file__).parents[1] / "e2e" / "assets"
PACKAGES = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
}
OLDEST_ETCD = (3, 5, 13)
"""An API server streams its lists (`sendInitialEvents`) only on an etcd that tells the progress of watches."""
NO_GO = f"the end-to-end tests need kube-apiserver, kubectl and etcd, and to build them {golang.HOW_TO_GET}"


class AssetError(Exception):
    """A program that is not there cannot be built; the message says why."""


def assets() -> dict[str, Path]:
    """Return the path of each program by its name, all of them built if need be; AssetError when that fails."""
    found = {name: find(name) for name in PACKAGES}
    return {name: path or made(name) for name, path in found.items()}


def find(name: str) -> Path | None:
    """Return where a program is that can be used, if it is anywhere."""
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    for found in (folder and shutil.which(name, path=folder), shutil.which(name), shutil.which(name, path=cache())):
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


def cache() -> Path:
    """Return the folder that holds what is built from the module as it is now."""
    digest = hashlib.sha256(b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))).hexdigest()[:12]
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "fedresolver" / "assets" / digest


def made(name: str) -> Path:
    """Build a program into the cache and return its path."""
    binary = cache() / name
    binary.parent.mkdir(parents=True, exist_ok=True)
    with alone(binary.parent / "lock"):
        if not binary.exists():  # the one before us may have made it
            build(name, binary)
    return binary


def build(name: str, binary: Path) -> None:
    """Make a program, which gets its name when it is whole."""
    go = golang.find()
    if not go:
        raise AssetError(NO_GO)
    say(f"building {binary} from {PACKAGES[name]} (once; three of them take some minutes)")
    half = binary.with_suffix(".new")
    flags = f"-s -w -X k8s.io/component-base/version.gitVersion={kubernetes_version()}"
    command = ["nice", "-n", "19", go, "build", "-C", str(MODULE), "-trimpath", "-ldflags", flags, "-o", str(half)]
    done = subprocess.run(
        [*command, PACKAGES[name]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=os.environ | {"CGO_ENABLED": "0"},
    )
    if done.returncode:
        raise AssetError(f"go build {PACKAGES[name]} failed: {done.stdout.strip().splitlines()[-1:]}")
    half.rename(binary)


def kubernetes_version() -> str:
    """Return the version that the module requires; a program built from a module does not know its own."""
    found = re.search(r"k8s\.io/kubernetes (v\S+)", (MODULE / "go.mod").read_text())
    if not found:
        raise AssetError(f"{MODULE}/go.mod does not require k8s.io/kubernetes")
    return found[1]


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until no other process is in here."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another one who builds in {path.parent}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def output(argv: list[str]) -> str:
    """Return what a command prints; nothing when it cannot be run."""
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def say(what: str) -> None:
    """Tell the one who waits what is being done."""
    sys.stderr.write(f"assets: {what}\n")
    sys.stderr.flush()


def main() -> int:
    """Print the programs' names and paths, a line each."""
    try:
        found = assets()
    except AssetError as error:
        say(str(error))
        return 1
    sys.stdout.writelines(f"{name} {path}\n" for name, path in found.items())
    return 0


if __name__ == "__main__":
    sys.exit(main())
