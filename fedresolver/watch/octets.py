"""Reading a file that somebody else may change, or replace, at any time. It waits for the disk."""

import errno
import os


def octets(path: str, most: int) -> bytes:
    """Return at most `most` octets of a file, never waiting for a pipe that has taken its place; OSError if it is none.

    A path with a null character, which no file can have, is an OSError too.
    """
    try:
        with open(path, "rb", opener=_opened) as file:
            return file.read(most) or b""
    except ValueError as error:
        raise OSError(errno.EINVAL, "a path has no null character") from error


def whole(path: str, most: int) -> bytes:
    """Return all octets of a file, of which there may be `most`; OSError as above, or when there are more."""
    found = octets(path, most + 1)
    if len(found) > most:
        raise OSError(errno.EFBIG, f"it has more than {most} octets")
    return found


def _opened(path: str, flags: int) -> int:
    """Return a descriptor; given to open(), which closes it when it belongs to a folder."""
    return os.open(path, flags | os.O_NONBLOCK)
