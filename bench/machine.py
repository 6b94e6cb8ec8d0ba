"""On what the figures were measured: machine, versions, commit."""

import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path

from bench.tools import HERE, output
from tests.tools import assets


def describe(coredns: Path | None) -> dict[str, str]:
    """Return name -> value, in the order in which they are printed."""
    facts = {
        "machine": f"{cpu_model()}, {os.cpu_count()} cores, Linux {platform.release()}",
        "python": platform.python_version(),
        "fedresolver": f"commit {commit()}",
        "nsd": version(["/usr/sbin/nsd", "-v"], r"version (\S+)"),
        "unbound": version(["/usr/sbin/unbound", "-V"], r"Version (\S+)"),
        "dnsmasq": version(["/usr/sbin/dnsmasq", "--version"], r"version (\S+)"),
        "dnsperf": version(["dnsperf", "-h"], r"Version (\S+)"),
    }
    for name in ("kube-apiserver", "etcd"):
        if path := assets.find(name):
            facts[name] = version([str(path), "--version"], r"(?:Kubernetes v|etcd Version: )(\S+)")
    if coredns:
        facts["coredns"] = ", ".join(versions([str(coredns), "-version"], (r"CoreDNS-(\S+)", r"(go[\d.]+)")))
    return facts


def cpu_model() -> str:
    """Return what the processor calls itself."""
    found = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def commit() -> str:
    """Return the commit in short, with a + where files under version control differ from it."""
    git = ["git", "-C", str(HERE)]
    changed = output([*git, "status", "--porcelain", "--untracked-files=no"]).strip()
    return output([*git, "rev-parse", "--short", "HEAD"]).strip() + ("+" if changed else "")


def version(argv: list[str], pattern: str) -> str:
    """Return the first group of a pattern in the output of a command."""
    return ", ".join(versions(argv, (pattern,)))


def versions(argv: list[str], patterns: Iterable[str]) -> list[str]:
    """Return the first group of each pattern that is found in the output of a command."""
    text = output(argv)
    return [found[1] for pattern in patterns if (found := re.search(pattern, text))]
