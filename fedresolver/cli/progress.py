"""What a command does that takes long."""

import sys
from typing import TextIO

from fedresolver.status.table import printable

_ERASE = "\r\x1b[K"


class Progress:
    """Shows what is being done, on a terminal only: one line, which is taken away at the end."""

    def __init__(self, stream: TextIO | None = None) -> None:
        stream = sys.stderr if stream is None else stream
        self._stream = stream if stream is not None and stream.isatty() else None

    def say(self, what: str) -> None:
        """Show it."""
        if self._stream is not None:
            print(f"{_ERASE}{printable(what)} ...", end="", file=self._stream, flush=True)

    def end(self) -> None:
        """Show nothing more."""
        if self._stream is not None:
            print(_ERASE, end="", file=self._stream, flush=True)
