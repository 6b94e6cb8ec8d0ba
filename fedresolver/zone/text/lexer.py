r"""Octets to entries: the words of a record or directive, which parentheses may stretch over many lines (RFC 1035 5.1).

A word keeps its quotes and escapes, so that its first octet tells what it is. A line ends with LF, CRLF or CR; white
space is blanks and tabs; a `;` outside of quotes begins a comment, also inside of a word. A text in quotes may go on
in the next lines; the end of a line in it is LF.
"""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import NamedTuple

MAX_LINE = 1 << 20
"""The longest line, in octets."""
MAX_ENTRY = 1 << 19
"""How many octets the words of an entry have together: twice the largest record with every octet as `\\DDD`."""

BEAT = 16
"""Every so many lines the caller hears of the progress: dnspython may take 0.2 ms for one."""

_TOO_LONG = f"the line is longer than {MAX_LINE} octets"
_NUL = "a NUL octet stands in the line; save the file as plain text in UTF-8, or write `\\000` for the octet"
_WHITE = b" \t"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_COMMENT = ord(";")
_PLAIN = re.compile(rb'[^"();\\\0\v\f]*')  # bytes.split() would split at the last two
_CR_LINE = re.compile(rb"([^\r\n]*)(\r\n?|\n|$)")
_PIECE = re.compile(
    rb"""
      (?P<blank>   [ \t]++ )
    | (?P<comment> ; .* )
    | (?P<open>    \( )
    | (?P<close>   \) )
    | (?P<quoted>  " (?: [^"\\] | \\. )*+ " )
    | (?P<word>    (?: [^ \t"();\\] | \\. )++ )
    | (?P<quote>   " (?: [^"\\] | \\.? )*+ )
    | (?P<escape>  \\ )
    """,
    re.VERBOSE | re.DOTALL,
)
_TEXT = re.compile(rb'(?:[^"\\]|\\.?)*+', re.DOTALL)

Fault = Callable[[int, str], None]
"""Takes a line and what is wrong with it."""


class Attached(bytes):
    """A quoted word that touches the one before it, as in `alpn="h2"`."""

    __slots__ = ()


class Entry(NamedTuple):
    """The words of a record or directive, the line where it begins, and whether that line begins with white space."""

    line: int
    indented: bool
    words: list[bytes]


def entries(octets: bytes, fault: Fault, beat: Callable[[], None]) -> Iterator[Entry]:
    """Yield the entries of a file; what cannot be read is told to `fault`, and `beat` is called every few lines."""
    lines = _beating(_lines(octets), beat)
    for number, line in lines:
        if len(line) > MAX_LINE:
            fault(number, _TOO_LONG)
            continue
        end = _PLAIN.match(line).end()  # type: ignore[union-attr]  # it matches always
        if end == len(line) or line[end] == _COMMENT:
            if words := line[:end].split():
                yield Entry(number, line[0] in _WHITE, words)
        elif entry := _careful(number, line, lines, fault):
            yield entry


def _beating(lines: Iterator[bytes], beat: Callable[[], None]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(lines, 1):
        if not number % BEAT:
            beat()
        yield number, line


def _lines(octets: bytes) -> Iterator[bytes]:
    file = BytesIO(octets)
    if octets.startswith(_BYTE_ORDER_MARK):
        file.seek(len(_BYTE_ORDER_MARK))
    for raw in file:
        line = raw.rstrip(b"\n").removesuffix(b"\r")
        if b"\r" not in line:
            yield line
        else:
            for piece in _CR_LINE.finditer(line):
                yield piece[1]


def _careful(number: int, line: bytes, lines: Iterator[tuple[int, bytes]], fault: Fault) -> Entry | None:
    """Return the entry that begins with `line`, taking from `lines` what belongs to it; None when it is none."""
    growing = _Growing(fault)
    growing.take(number, line)
    while growing.is_open:
        following = next(lines, None)
        if following is None:
            growing.never_closed()
            return None
        growing.take(*following)
    if growing.spoilt or not growing.words:
        return None
    return Entry(number, line[0] in _WHITE, growing.words)


class _Growing:
    """An entry of which more lines may come, while it `is_open`."""

    def __init__(self, fault: Fault) -> None:
        self.words: list[bytes] = []
        self.spoilt = False
        self._depth = 0
        self._opened = 0
        self._text: list[bytes] = []
        self._text_size = 0
        self._text_opened = 0
        self._text_touches = False
        self._fault = fault
        self._size = 0
        self._touches = False
        self._steps = {
            "open": self._open,
            "close": self._close,
            "word": self._word,
            "quoted": self._quoted,
            "quote": self._quote,
            "escape": self._escape,
        }

    @property
    def is_open(self) -> bool:
        """Whether a parenthesis or a quote is open."""
        return self._depth > 0 or bool(self._text)

    def never_closed(self) -> None:
        """Tell what is open at the end of the file."""
        if self._text:
            self._fault(self._text_opened, 'this quote is never closed; close it with `"`')
        else:
            self._fault(self._opened, "this `(` is never closed; write `)` behind the last word of the record")

    def take(self, number: int, line: bytes) -> None:
        """Take in the words of a line."""
        if len(line) > MAX_LINE:
            self._wrong(number, _TOO_LONG)
            return
        if b"\0" in line:
            self._wrong(number, _NUL)
            return
        start = self._go_on(number, line) if self._text else 0
        self._touches = False
        for piece in _PIECE.finditer(line, start):
            kind = piece.lastgroup or ""
            if kind in self._steps and not self._steps[kind](number, piece.group()):
                break
            self._touches = kind == "word"

    def _open(self, number: int, octets: bytes) -> bool:
        self._opened = self._opened if self._depth else number
        self._depth += 1
        return True

    def _close(self, number: int, octets: bytes) -> bool:
        if self._depth:
            self._depth -= 1
            return True
        return self._wrong(number, "this `)` closes nothing; remove it, or write `\\)` for the character")

    def _word(self, number: int, octets: bytes) -> bool:
        self._size += len(octets) + 1
        if self._size > MAX_ENTRY:
            return self._size - len(octets) - 1 > MAX_ENTRY or self._wrong(number, "the record is too long")
        self.words.append(octets)
        return True

    def _quoted(self, number: int, octets: bytes) -> bool:
        return self._word(number, Attached(octets) if self._touches else octets)

    def _quote(self, number: int, octets: bytes) -> bool:
        self._text, self._text_size = [octets], len(octets)
        self._text_opened, self._text_touches = number, self._touches
        return True

    def _go_on(self, number: int, line: bytes) -> int:
        """Take in what a line has of the text in quotes that is open; return where the rest of it begins."""
        end = _TEXT.match(line).end()  # type: ignore[union-attr]  # it matches always
        if self._text_size <= MAX_ENTRY:
            self._text.append(line[: end + 1])
            self._text_size += end + 1
        if end < len(line):
            text, self._text = b"\n".join(self._text), []
            self._word(number, Attached(text) if self._text_touches else text)
        return end + 1

    def _escape(self, number: int, octets: bytes) -> bool:
        return self._wrong(number, "the line ends with a backslash; remove it, or write `\\\\` for the character")

    def _wrong(self, number: int, what: str) -> bool:
        """Tell it; return False, as nothing more of the line is read."""
        self._fault(number, what)
        self.spoilt = True
        return False
