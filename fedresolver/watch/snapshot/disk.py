"""The snapshot on the disk: a file is there whole or not at all, whenever the process or the machine stops."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from errno import EFBIG, EINVAL
from tempfile import mkstemp

from fedresolver.watch.snapshot.format import MAX_OCTETS

_TEMPORARY = ".tmp"
_DAMAGED = ".damaged"


def read(path: str) -> bytes | None:
    """Return what the file has, None when there is none; OSError when it cannot be read or has more than a GiB."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO must not hold up the start
    except FileNotFoundError:
        return None
    with open(file, "rb") as opened:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(EINVAL, "it is no file")
        if status.st_size > MAX_OCTETS:
            raise OSError(EFBIG, f"it has more than {MAX_OCTETS} octets")
        return opened.read(MAX_OCTETS)


def write(path: str, parts: Iterable[bytes]) -> None:
    """Replace the file by one that has `parts`, readable by its owner only; after an OSError the old one is there."""
    folder, name = os.path.split(path)
    with _temporary(folder or ".", name) as (file, temporary):
        for part in parts:
            _write_all(file, part)
        os.fsync(file)
        os.rename(temporary, path)
    _sync(folder or ".")


def set_aside(path: str) -> str:
    """Rename the file so that nobody reads it again, and return its new name; OSError when that cannot be."""
    aside = path + _DAMAGED
    os.replace(path, aside)
    return aside


def clean(path: str) -> None:
    """Remove what writers left that were killed; what cannot be removed stays."""
    folder, name = os.path.split(path)
    with suppress(OSError):
        for left in os.listdir(folder or "."):
            if left.startswith(f"{name}.") and left.endswith(_TEMPORARY):
                os.unlink(os.path.join(folder, left))


@contextmanager
def _temporary(folder: str, name: str) -> Iterator[tuple[int, str]]:
    file, path = mkstemp(_TEMPORARY, f"{name}.", folder)
    try:
        yield file, path
    except BaseException:
        with suppress(OSError):
            os.unlink(path)
        raise
    finally:
        os.close(file)


def _write_all(file: int, octets: bytes) -> None:
    rest = memoryview(octets)
    while rest:
        rest = rest[os.write(file, rest) :]


def _sync(folder: str) -> None:
    """Make the new name last: without this a machine that stops may come back with the old file."""
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
