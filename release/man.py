"""Manuals in Markdown as man pages (man(7)), with the parser that rich has, too."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable("table")
_FIRST = re.compile(r"^(['.])", re.MULTILINE)
_FACES = {"strong_open": "\\fB", "em_open": "\\fI", "strong_close": "\\fR", "em_close": "\\fR"}
_BREAKS = ("softbreak", "hardbreak")
_LISTS = ("bullet_list", "ordered_list")


def page(title: str, section: int, version: str, markdown: str) -> str:
    """Return the man page of a manual; its headings are the sections."""
    head = f'.TH "{title.upper()}" {section} "" "fedresolver {version}" "fedresolver"\n'
    return head + "".join(_Writer(_PARSER.parse(markdown)).blocks())


class _Writer:
    """A manual that is written out block by block."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._depth = 0
        self._begins_item = False
        self._cells: list[str] = []

    def blocks(self) -> Iterator[str]:
        """Yield the text of each block."""
        for before, token in zip((None, *self._tokens), self._tokens, strict=False):
            if token.type in ("fence", "code_block"):
                yield f".PP\n.RS 4\n.nf\n{_lines(_plain(token.content))}.fi\n.RE\n"
            elif token.type == "inline" and before is not None:
                yield self._text(before, _inline(token))
            else:
                yield self._border(token)

    def _text(self, before: Token, text: str) -> str:
        """Return running text by what it stands in."""
        if before.type in ("th_open", "td_open"):
            self._cells.append(text)
            return ""
        if before.type == "heading_open":
            return {"h1": "", "h2": f".SH {text.upper()}\n"}.get(before.tag, f".SS {text}\n")
        begins, self._begins_item = self._begins_item, False
        return f"{text}\n" if begins else f".PP\n{text}\n"

    def _border(self, token: Token) -> str:
        """Return what begins or ends a list, an item, a row."""
        kind, _, side = token.type.rpartition("_")
        if kind in _LISTS:
            self._depth += 1 if side == "open" else -1
            nested = self._depth > (1 if side == "open" else 0)
            return (".RS 2\n" if side == "open" else ".RE\n") if nested else ""
        if token.type == "list_item_open":
            self._begins_item = True
            return ".IP \\(bu 2\n"
        if token.type == "tr_close":
            first, *others = self._cells
            self._cells = []
            return f".TP\n{first}\n{'; '.join(others)}\n"
        return ""


def _inline(token: Token) -> str:
    """Return running text, with what stands out in another face."""
    return _lines("".join(map(_part, token.children or ())))


def _part(token: Token) -> str:
    if token.type == "code_inline":
        return f"\\fB{_plain(token.content)}\\fR"
    if token.type in _BREAKS:
        return "\n"
    return _plain(token.content) if token.type == "text" else _FACES.get(token.type, "")


def _plain(text: str) -> str:
    """Return text of which nothing is taken for an escape."""
    return text.replace("\\", "\\e").replace("-", "\\-")


def _lines(text: str) -> str:
    """Return text of which no line is taken for a request."""
    return _FIRST.sub(r"\\&\1", text)
