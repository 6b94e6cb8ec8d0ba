r"""Text to tokens, as CoreDNS splits a Corefile.

Tokens are separated by white space. One that starts with `"` runs to the next `"`, over line ends too, and `\"` in it
is a quote; no other escape is known, so that a regular expression needs none. A `#` outside of quotes begins a comment
and ends the token that it touches; such a comment goes to the next white space, any other to the end of the line. A
backslash at the end of a line joins the next line to it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from fedresolver.config.errors import StanzaError

MAX_CHARACTERS = 1 << 20
"""The longest file that is read."""

_BYTE_ORDER_MARK = "\ufeff"
_QUOTE_RIGHT = 'close it with `"`, and write a quote inside as `\\"`'
_PIECE = re.compile(
    r"""
      (?P<newline> \n )
    | (?P<blank>   (?: [^\S\n] | \\\r?\n )++ )
    | (?P<comment> \# [^\n]*+ )
    | (?P<quoted>  " [^"\\]*+ (?: \\. [^"\\]*+ )*+ " )
    | (?P<open>    " )
    | (?P<word>    (?: [^\s\\#] | \r | \\ (?! \r?\n ) )++ (?: \# (?: \S | \r )*+ )? )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a Corefile and where it stands; `first` is whether it begins a line."""

    text: str
    file: str
    line: int
    quoted: bool = False
    first: bool = field(default=False, compare=False, repr=False)


def lex(text: str, file: str) -> tuple[Token, ...]:
    """Return the tokens of `text`; StanzaError for what no Corefile may hold, or a quote that is never closed."""
    text = text.removeprefix(_BYTE_ORDER_MARK)
    _refuse_odd_text(text, file)
    return tuple(_tokens(text, file))


def _refuse_odd_text(text: str, file: str) -> None:
    if len(text) > MAX_CHARACTERS:
        start = Token("", file, 1)
        raise StanzaError(
            start, f"the file is longer than {MAX_CHARACTERS} characters", "split it and import the parts"
        )
    for character, name, right in (
        (_BYTE_ORDER_MARK, "byte order mark", "save the file as UTF-8 without one"),
        ("\0", "NUL octet", "a Corefile is text in UTF-8"),
    ):
        if character in text:
            place = Token("", file, text.count("\n", 0, text.index(character)) + 1)
            raise StanzaError(place, f"a {name} stands in the file", right)


def _tokens(text: str, file: str) -> Iterator[Token]:
    line, first = 1, True
    for piece in _PIECE.finditer(text):
        kind, raw = piece.lastgroup, piece.group()
        if kind == "open":
            raise StanzaError(Token("", file, line), "this quote is never closed", _QUOTE_RIGHT)
        if kind == "word":
            yield Token(raw.partition("#")[0].replace("\r", ""), file, line, first=first)
        elif kind == "quoted":
            yield Token(raw[1:-1].replace('\\"', '"'), file, line, quoted=True, first=first)
        if kind in ("newline", "word", "quoted"):
            first = kind == "newline"
        line += raw.count("\n")
