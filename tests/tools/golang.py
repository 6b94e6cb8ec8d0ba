"""Where a Go is that is new enough for the modules of this repository; Debian 12 has none."""

import re
import shutil
import subprocess

PATHS = ("go", "/usr/local/go/bin/go")
OLDEST = (1, 25)
HOW_TO_GET = "Go 1.25 or newer: unpack one of https://go.dev/dl/ to /usr/local/go"


def find() -> str | None:
    """Return the path of a Go that is new enough, if there is one."""
    for name in PATHS:
        if (path := shutil.which(name)) and version(said(path)) >= OLDEST:
            return path
    return None


def version(text: str) -> tuple[int, int]:
    """Return major and minor version out of what `go version` prints."""
    found = re.search(r"go(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def said(path: str) -> str:
    """Return what `go version` prints; nothing when it cannot be run."""
    try:
        return subprocess.run([path, "version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
