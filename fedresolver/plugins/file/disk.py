"""The files that a zone is read from."""

from fedresolver.watch.octets import whole
from fedresolver.watch.stamp import Stamp, stamp

LARGEST = 256 * 1024 * 1024
"""Octets of a file that is read."""


class Disk:
    """Reads files, and remembers which: `stamps` are those they had before they were read."""

    def __init__(self) -> None:
        self.stamps: dict[str, Stamp | None] = {}

    def read(self, path: str) -> bytes:
        """Return the octets of a file; OSError when there are none to be had."""
        self.stamps.setdefault(path, stamp(path))
        return whole(path, LARGEST)

    def changed(self) -> bool:
        """Say whether one of the files is not the one that was read any more."""
        return any(stamp(path) != seen for path, seen in self.stamps.items())
