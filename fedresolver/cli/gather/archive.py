"""A file with all parts."""

import io
import os
import tarfile
import time
from collections.abc import Iterable

from fedresolver.cli.gather.parts import Part


def write(path: str, parts: Iterable[Part], folder: str) -> int:
    """Write `parts` as a gzipped tar that its owner alone may read; return how many there are.

    All of them are in `folder`, so that they unpack into one. OSError when the file cannot be written.
    """
    count = 0
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(file, "wb") as out, tarfile.open(fileobj=out, mode="w:gz") as archive:
        os.fchmod(out.fileno(), 0o600)
        for name, text in parts:
            octets = text.encode("utf-8", "replace")
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size, info.mode, info.mtime = len(octets), 0o600, int(time.time())
            archive.addfile(info, io.BytesIO(octets))
            count += 1
    return count
