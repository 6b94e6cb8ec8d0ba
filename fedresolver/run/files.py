"""The files that a configuration is read from."""

import hashlib
from glob import glob
from pathlib import Path

from fedresolver.config.corefile import Corefile, parse
from fedresolver.config.errors import StanzaError
from fedresolver.config.lexer import Token

LARGEST = 16 * 1024 * 1024
"""No configuration is longer, in octets; what is was named by mistake."""


class Disk:
    """Reads configuration files for `config`, which opens none itself."""

    def __init__(self) -> None:
        self._seen = hashlib.sha256()

    def digest(self) -> str:
        """Return a fingerprint of all that was read, by name and content, whether or not it was right."""
        return self._seen.hexdigest()

    def read(self, path: str) -> str:
        """Return the text of a file; OSError or UnicodeDecodeError when there is none to be had."""
        with Path(path).open("rb") as file:
            octets = file.read(LARGEST + 1)
        if len(octets) > LARGEST:
            raise OSError(f"{path} is larger than {LARGEST} octets")
        self._seen.update(b"%d:%b%d:%b" % (len(path), path.encode("utf-8", "surrogateescape"), len(octets), octets))
        return octets.decode("utf-8")

    def glob(self, pattern: str) -> tuple[str, ...]:
        """Return the files that match a pattern, in order of their names."""
        return tuple(sorted(glob(pattern)))


def read_corefile(path: str, environ: dict[str, str], disk: Disk | None = None) -> Corefile:
    """Return the Corefile at `path`; ConfigError for what is wrong in it, OSError when it cannot be read."""
    disk = disk or Disk()
    try:
        text = disk.read(path)
    except UnicodeDecodeError as error:
        place = Token("", path, 1 + error.object.count(b"\n", 0, error.start))
        raise StanzaError(place, "this is not UTF-8 text", "save the file as UTF-8") from error
    corefile = parse(text, path, disk, environ)
    if not corefile.blocks:  # as while somebody is writing it: to serve nothing is what nobody means
        raise StanzaError(Token("", path, 1), "there is no server block", "write one, `. { ... }`")
    return corefile
