r"""Log lines on standard output, in the shape that CoreDNS gives them.

    [INFO] plugin/reload: the configuration has changed
    [ERROR] plugin/errors: 2 example.org. A: no upstream answered

Loggers are those of the standard library: `fedresolver.<plugin>` writes `plugin/<plugin>: ` before its text, the logger
of a package (`fedresolver.server`) its name, the logger `fedresolver` nothing. One record is one line whatever is in
it: control characters become `\x0a`.
"""

import logging
import sys
from collections.abc import Callable
from typing import TextIO

ROOT = "fedresolver"
_PACKAGES = frozenset(("cli", "run", "server", "watch"))
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)
_ESCAPES = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _CONTROLS}
_ESCAPES |= {code: f"\\u{code:04x}" for code in range(0xD800, 0xE000)}  # lone surrogates have no UTF-8


def escape(text: str) -> str:
    r"""Return `text` as one line: control characters and line separators as `\xHH` or `\uHHHH`."""
    return text if text.isascii() and text.isprintable() else text.translate(_ESCAPES)


def start(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Write records of `level` and above to `stream` (standard output), each at once; replaces what ran before."""
    out = sys.stdout if stream is None else stream
    handler = logging.StreamHandler(_line_buffered(out))
    handler.setFormatter(_Line())
    logger = logging.getLogger(ROOT)
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False


def line_writer(stream: TextIO | None = None) -> Callable[[str], None]:
    """Return what writes `[INFO] <text>`, without the cost of a log record: for a line per query.

    A stream that is closed or full is nobody's reason to fail a query: what it refuses is lost.
    """
    out = _line_buffered(sys.stdout if stream is None else stream)

    def write(text: str) -> None:
        try:
            out.write(f"[INFO] {escape(text)}\n")
        except (OSError, ValueError):
            return

    return write


def _line_buffered(stream: TextIO) -> TextIO:
    if reconfigure := getattr(stream, "reconfigure", None):
        reconfigure(line_buffering=True)
    return stream


class _Line(logging.Formatter):
    """The shape of a line: level, plugin, text; an exception follows in the same line."""

    def format(self, record: logging.LogRecord) -> str:
        return f"[{record.levelname}] {_place(record.name)}{escape(super().format(record))}"


def _place(logger: str) -> str:
    name = logger.removeprefix(ROOT).lstrip(".")
    if not name:
        return ""
    return f"{name}: " if name.split(".")[0] in _PACKAGES else f"plugin/{name}: "
