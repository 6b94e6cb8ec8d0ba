"""Zone files on disk, as their reader wants them."""

import errno
import os

from fedresolver.watch.octets import octets

MAX_OCTETS = 1 << 28
"""The largest file that is read."""


class ZoneFiles:
    """Reads zone files."""

    def read(self, path: str) -> bytes:
        """Return the octets of a file; OSError when it cannot be read or is too large."""
        found = octets(path, MAX_OCTETS + 1)
        if len(found) > MAX_OCTETS:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        return found
