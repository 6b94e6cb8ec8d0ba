"""The files in which upstreams may be named, on the disk."""

import errno

from fedresolver.upstream.resolv_conf import Nameservers, nameservers
from fedresolver.watch.octets import octets

LARGEST = 1 << 16
"""Octets of a file; one that is longer was named by mistake."""


def read_nameservers(path: str) -> Nameservers:
    """Return the nameservers in the file at `path`; OSError when it cannot be read or is too long."""
    found = octets(path, LARGEST + 1)
    if len(found) > LARGEST:
        raise OSError(errno.EFBIG, f"it is longer than {LARGEST >> 10} KiB")
    return nameservers(found.decode("utf-8", "replace"), path)
