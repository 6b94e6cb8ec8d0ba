"""Helm, found or built: `python -m tests.tools.helm` prints where it is.

It is looked for on the path, then in our cache, `~/.cache/fedresolver/helm`. If it is missing it is built there from the Go module
`tests/deploy/helm`, which takes minutes, once.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.tools import golang
from tests.tools.assets import AssetError, alone, output, say

MODULE = Path(__file__).parents[1] / "deploy" / "helm"
PACKAGE = "helm.sh/helm/v3/cmd/helm"
KUBERNETES = ("1", "34")
"""The version for which it renders where it has no cluster to ask; one that is built from a module knows none."""
_KNOWN = ("v3.", "v4.")


def helm() -> Path:
    """Return the path of helm, built if need be; AssetError when that fails."""
    found = shutil.which("helm")
    if found and output([found, "version", "--short"]).startswith(_KNOWN):
        return Path(found)
    return made()


def cache() -> Path:
    """Return the folder that holds what is built from the module as it is now."""
    digest = hashlib.sha256(b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))).hexdigest()[:12]
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "fedresolver" / "helm" / digest


def made() -> Path:
    """Build it into the cache, unless it is there, and return its path."""
    binary = cache() / "helm"
    binary.parent.mkdir(parents=True, exist_ok=True)
    with alone(binary.parent / "lock"):
        if not binary.exists():  # the one before us may have made it
            build(binary)
    return binary


def build(binary: Path) -> None:
    """Make it; it gets its name when it is whole."""
    go = golang.find()
    if not go:
        raise AssetError(f"the tests of the chart need helm, and to build it {golang.HOW_TO_GET}")
    say(f"building {binary} from {PACKAGE} (once; it takes some minutes)")
    half = binary.with_suffix(".new")
    done = subprocess.run(
        [
            "nice",
            "-n",
            "19",
            go,
            "build",
            "-C",
            str(MODULE),
            "-trimpath",
            "-ldflags",
            flags(),
            "-o",
            str(half),
            PACKAGE,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=os.environ | {"CGO_ENABLED": "0"},
    )
    if done.returncode:
        raise AssetError(f"go build {PACKAGE} failed: {done.stdout.strip().splitlines()[-1:]}")
    half.rename(binary)


def flags() -> str:
    """Return the linker's flags, which say what a program built from a module does not know of itself."""
    own = re.search(r"helm\.sh/helm/v3 (v\S+)", (MODULE / "go.mod").read_text())
    if not own:
        raise AssetError(f"{MODULE}/go.mod does not require helm.sh/helm/v3")
    known = {"internal/version.version": own[1]}
    for package in ("chartutil", "lint/rules"):
        known |= {f"pkg/{package}.k8sVersion{part}": n for part, n in zip(("Major", "Minor"), KUBERNETES, strict=True)}
    return " ".join(("-s -w", *(f"-X helm.sh/helm/v3/{name}={value}" for name, value in known.items())))


def main() -> int:
    """Print its path."""
    try:
        sys.stdout.write(f"{helm()}\n")
    except AssetError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
