"""Keys, certificates and tokens: given in place, or in a file that may change at any time."""

import base64
import os

from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.redaction import Secret
from fedresolver.watch.kube.flaw import quoted
from fedresolver.watch.octets import octets as file_octets
from fedresolver.watch.stamp import Stamp, stamp

LARGEST = 1 << 20  # octets of a file with a key, a certificate or a token


def octets(path: str) -> bytes:
    """Return what a file has; AccessError when it cannot be read or is too large."""
    shown = path if path.isprintable() else quoted(path)
    try:
        found = file_octets(path, LARGEST + 1)
    except OSError as error:
        raise AccessError(f"{shown}: {error.strerror}") from error
    if len(found) > LARGEST:
        raise AccessError(f"{shown}: too large; it has at most {LARGEST >> 20} MiB")
    return found


class Material(Secret, frozen=True):
    """Something in PEM that is in `data`, or else in the file at `path`; both may be empty. It may be a key."""

    data: bytes = b""
    path: str = ""

    def __bool__(self) -> bool:
        return bool(self.data or self.path)

    def stamp(self) -> Stamp | None:
        """Return what differs when it does."""
        return None if self.data or not self.path else stamp(self.path)

    def read(self) -> bytes | None:
        """Return it, None where there is none to be; AccessError when its file cannot be read."""
        return self.data or (octets(self.path) if self.path else None)


def given(field: str, data: str, path: str, folder: str) -> Material:
    """Return what the field `FIELD-data` has in base64, or else the file that FIELD names, relative to `folder`."""
    if not data:
        return Material(path=os.path.join(folder, path)) if path else Material()
    try:
        return Material(base64.b64decode("".join(data.split()), validate=True))
    except ValueError as error:
        raise AccessError(f"{field}-data is not base64") from error
