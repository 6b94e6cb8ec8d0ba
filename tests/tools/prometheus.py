"""Prometheus and its promtool, found or built: `python -m tests.tools.prometheus` prints where they are.

Version 3 of each is looked for on the path, then in our cache, `~/.cache/fedresolver/prometheus`. What is missing is built there
from the Go module `tests/alerting/prometheus`, which takes some minutes, once. What discovers targets in clouds is left
out of it, which is most of the time.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.tools import golang
from tests.tools.assets import AssetError, alone, output, say

MODULE = Path(__file__).parents[1] / "alerting" / "prometheus"
PACKAGES = {
    "prometheus": "github.com/prometheus/prometheus/cmd/prometheus",
    "promtool": "github.com/prometheus/prometheus/cmd/promtool",
}


def program(name: str) -> Path:
    """Return the path of a program, built if need be; AssetError when that fails."""
    found = shutil.which(name)
    if found and output([found, "--version"]).startswith(f"{name}, version 3."):
        return Path(found)
    return made(name)


def cache() -> Path:
    """Return the folder that holds what is built from the module as it is now."""
    digest = hashlib.sha256(b"".join((MODULE / name).read_bytes() for name in ("go.mod", "go.sum"))).hexdigest()[:12]
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "fedresolver" / "prometheus" / digest


def made(name: str) -> Path:
    """Build a program into the cache, unless it is there, and return its path."""
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
        raise AssetError(f"the tests of alerts and dashboard need {name}, and to build it {golang.HOW_TO_GET}")
    say(f"building {binary} from {PACKAGES[name]} (once; two of them take some minutes)")
    half = binary.with_suffix(".new")
    flags = ("-trimpath", "-tags", "remove_all_sd", "-ldflags", "-s -w", "-o", str(half))
    command = ["nice", "-n", "19", go, "build", "-C", str(MODULE), *flags, PACKAGES[name]]
    environ = os.environ | {"CGO_ENABLED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    if done.returncode:
        raise AssetError(f"go build {PACKAGES[name]} failed: {done.stderr.strip().splitlines()[-1:]}")
    half.rename(binary)


def main() -> int:
    """Print the programs' names and paths, a line each."""
    try:
        sys.stdout.writelines(f"{name} {program(name)}\n" for name in PACKAGES)
    except AssetError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
