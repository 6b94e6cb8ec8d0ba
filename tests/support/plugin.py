"""Credential plugins, as scripts that a test writes."""

import sys
from pathlib import Path


def script(path: Path, body: str) -> Path:
    """Write a program in Python at `path`; it leaves a line in `path`.runs each time it runs."""
    count = f"open({str(path) + '.runs'!r}, 'a').write('ran\\n')"
    path.write_text(f"#!{sys.executable} -I\nimport json, os, sys, time\n{count}\n{body}\n")
    path.chmod(0o755)
    return path


def prints(path: Path, **status: str) -> Path:
    """Write a plugin that prints an ExecCredential with this status."""
    told = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
    return script(path, f"print(json.dumps({told!r}))")


def runs(path: Path) -> int:
    """Return how often a script has run."""
    counted = Path(f"{path}.runs")
    return counted.read_text().count("\n") if counted.exists() else 0
