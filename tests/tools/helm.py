"""Helm, found or built: `python -m tests.tools.helm` prints where it is.

It is looked for on the path, then in our cache, `~/.cache/fedresolver/helm`. If it is missing it is built there from the Go module
`tests/deploy/helm`, which takes minutes, once.
"""

import shutil
import sys
from pathlib import Path

from tests.tools.golang import Module, listed, output

MODULE = Module(Path(__file__).parents[1] / "deploy" / "helm", "helm", "the tests of the chart need helm")
HELM = "helm.sh/helm/v3"
KUBERNETES = ("1", "34")
"""The version for which it renders where it has no cluster to ask; one that is built from a module knows none."""
_KNOWN = ("v3.", "v4.")


def helm() -> Path:
    """Return the path of helm, built if need be; BuildError when that fails."""
    found = shutil.which("helm")
    if found and output([found, "version", "--short"]).startswith(_KNOWN):
        return Path(found)
    return MODULE.made("helm", f"{HELM}/cmd/helm", linked=linked())


def linked() -> str:
    """Return the linker's flags, which say what a program built from a module does not know of itself."""
    known = {"internal/version.version": MODULE.required(HELM)}
    for package in ("chartutil", "lint/rules"):
        known |= {f"pkg/{package}.k8sVersion{part}": n for part, n in zip(("Major", "Minor"), KUBERNETES, strict=True)}
    return " ".join(f"-X {HELM}/{name}={value}" for name, value in known.items())


if __name__ == "__main__":
    sys.exit(listed(lambda: {"helm": helm()}))
