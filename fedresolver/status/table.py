"""Tables as kubectl prints them: columns of text, no lines between them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

_GAP = "   "
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; what a terminal would act on is escaped."""
    cells = [list(heads), *([printable(cell) or "-" for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def printable(text: str) -> str:
    r"""Return text of others on one line, without what a terminal would act on: that becomes `\x1b`."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def moment_text(at: float) -> str:
    """Return a moment, in seconds since the epoch, as the local time of day with its zone."""
    return datetime.fromtimestamp(at).astimezone().isoformat(" ", "seconds")


def ago(seconds: float | None) -> str:
    """Return an age as kubectl writes it: `5s`, `3m12s`, `4h7m`, `9d`; empty for none."""
    if seconds is None:
        return ""
    whole = int(seconds)
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    if whole < 10 * _MINUTE:
        return f"{whole // _MINUTE}m{whole % _MINUTE}s"
    if whole < 3 * _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < 2 * _DAY:
        return f"{whole // _HOUR}h{whole % _HOUR // _MINUTE}m"
    return f"{whole // _DAY}d"
