"""Whether a file is still the one that was read."""

import os
from typing import TypeAlias

Stamp: TypeAlias = tuple[int, int, int]
"""What changes when a file does: its mtime in nanoseconds, its size in octets, its inode."""


def stamp(path: str) -> Stamp | None:
    """Return the stamp of a file, through symlinks; None while it is away."""
    try:
        return stamp_of(os.stat(path))
    except (OSError, ValueError):  # ValueError: a null character in the path
        return None


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp of the file that has this status."""
    return status.st_mtime_ns, status.st_size, status.st_ino
