"""The end of a file."""

import os
from pathlib import Path

_MOST_OCTETS = 4 << 20
_MOST_LINES = 5000


def tail(path: str) -> list[str]:
    """Return the last 5000 lines of a file, at most 4 MiB of it; OSError when it cannot be read."""
    with Path(path).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _MOST_OCTETS))
        lines = file.read(_MOST_OCTETS).decode("utf-8", "replace").splitlines()
    return lines[1 if size > _MOST_OCTETS else 0 :][-_MOST_LINES:]
