"""Prometheus and its promtool, found or built: `python -m tests.tools.prometheus` prints where they are.

Version 3 of each is looked for on the path, then in our cache, `~/.cache/fedresolver/prometheus`. What is missing is built there
from the Go module `tests/alerting/prometheus`, which takes some minutes, once. What discovers targets in clouds is left
out of it, which is most of the time.
"""

import shutil
import sys
from pathlib import Path

from tests.tools.golang import Module, listed, output

NEED = "the tests of alerts and dashboard need prometheus and promtool"
MODULE = Module(Path(__file__).parents[1] / "alerting" / "prometheus", "prometheus", NEED)
PACKAGES = {
    "prometheus": "github.com/prometheus/prometheus/cmd/prometheus",
    "promtool": "github.com/prometheus/prometheus/cmd/promtool",
}


def program(name: str) -> Path:
    """Return the path of a program, built if need be; BuildError when that fails."""
    found = shutil.which(name)
    if found and output([found, "--version"]).startswith(f"{name}, version 3."):
        return Path(found)
    return MODULE.made(name, PACKAGES[name], flags=("-tags", "remove_all_sd"))


if __name__ == "__main__":
    sys.exit(listed(lambda: {name: program(name) for name in PACKAGES}))
