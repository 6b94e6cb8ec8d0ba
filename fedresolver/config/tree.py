"""Tokens to nested stanzas.

A line is words, and `{` at its end opens a block that a `}` on a line of its own closes; nothing else may stand beside
a brace. What a line means is not known here. After an error the reading goes on as if the brace had stood right, so
that one slip is one error.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from fedresolver.config.errors import Errors, StanzaError, shown
from fedresolver.config.lexer import Token
from fedresolver.config.stanza import Stanza

MAX_DEPTH = 32
"""How deep blocks may be nested."""

_OPEN_RIGHT = "put `{` at the end of the line that it belongs to, after a space, and nothing behind it"
_CLOSE_RIGHT = "put `}` on a line of its own"
_APART_RIGHT = "put a space before `{` and end the line after it, and put `}` on a line of its own"


@dataclass(slots=True)
class _Frame:
    """A block that is open: what opened it, and its stanzas so far."""

    words: tuple[Token, ...]
    stanzas: list[Stanza] = field(default_factory=list)


def tree(tokens: Iterable[Token], errors: Errors) -> tuple[Stanza, ...]:
    """Return the stanzas that stand in no block; what is wrong goes to `errors`.

    StanzaError when blocks are nested too deep to go on.
    """
    growing = _Tree(errors)
    for line in lines(tokens):
        with errors.gather():
            _check(line)
        growing.add(line)
    return growing.finished()


class _Tree:
    """The blocks that are open while lines are read, the outermost first."""

    def __init__(self, errors: Errors) -> None:
        self._errors = errors
        self._frames = [_Frame(())]

    def add(self, line: tuple[Token, ...]) -> None:
        line = _repaired(line)
        words = _words(line)
        for brace in line[len(words) :]:
            if _is(brace, "{"):
                self._open(words, brace)
                words = ()
            elif _is(brace, "}"):
                self._put(words)
                words = ()
                self._close(brace)
        self._put(words)

    def _put(self, words: tuple[Token, ...]) -> None:
        if words:
            self._frames[-1].stanzas.append(Stanza(words[0], words[1:]))

    def _open(self, words: tuple[Token, ...], brace: Token) -> None:
        if len(self._frames) > MAX_DEPTH:
            raise StanzaError(brace, f"blocks are nested more than {MAX_DEPTH} deep")
        self._frames.append(_Frame(words or self._words_above(brace)))

    def _words_above(self, brace: Token) -> tuple[Token, ...]:
        """Return the line above, for a server block whose `{` stands below its keys, which CoreDNS allows."""
        stanzas = self._frames[-1].stanzas
        if len(self._frames) == 1 and stanzas and stanzas[-1].body is None:
            above = stanzas.pop()
            return (above.name, *above.args)
        self._errors.add(StanzaError(brace, "this `{` belongs to no directive", _OPEN_RIGHT))
        return ()

    def _close(self, brace: Token) -> None:
        if len(self._frames) == 1:
            self._errors.add(StanzaError(brace, "this `}` closes no block", "remove it, or open a block before it"))
            return
        self._end_block()

    def _end_block(self) -> None:
        frame = self._frames.pop()
        if frame.words:
            self._frames[-1].stanzas.append(Stanza(frame.words[0], frame.words[1:], tuple(frame.stanzas)))

    def finished(self) -> tuple[Stanza, ...]:
        missing = len(self._frames) - 1
        if missing and (opener := self._frames[1].words[:1]):
            wrong = f"the block of {shown(opener[0].text)} is never closed"
            right = f"{missing} more `}}` must stand before the end of the file"
            self._errors.add(StanzaError(opener[0], wrong, right))
        while len(self._frames) > 1:
            self._end_block()
        return tuple(self._frames[0].stanzas)


def lines(tokens: Iterable[Token]) -> Iterator[tuple[Token, ...]]:
    """Yield the tokens of each line."""
    line: list[Token] = []
    for token in tokens:
        if token.first and line:
            yield tuple(line)
            line = []
        line.append(token)
    if line:
        yield tuple(line)


def _is(token: Token, brace: str) -> bool:
    return token.text == brace and not token.quoted


def _words(line: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return what stands before the first brace."""
    for place, token in enumerate(line):
        if _is(token, "{") or _is(token, "}"):
            return line[:place]
    return line


def _check(line: tuple[Token, ...]) -> None:
    """Raise StanzaError unless the braces of `line` stand where they may."""
    words = _words(line)
    rest = line[len(words) :]
    if rest and _is(rest[0], "}") and (words or len(rest) > 1):
        beside = words[-1] if words else rest[1]
        raise StanzaError(rest[0], f"{shown(beside.text)} stands beside a `}}`", _CLOSE_RIGHT)
    if len(rest) > 1:
        raise StanzaError(rest[1], f"{shown(rest[1].text)} stands after a `{{`", _OPEN_RIGHT)
    for token, glued in ((line[-1], _glued_at_end(line[-1])), (line[0], _glued_at_start(line[0]))):
        if glued:
            raise StanzaError(token, f"{shown(token.text)} runs into a brace", _APART_RIGHT)


def _glued_at_end(token: Token) -> bool:
    return not token.quoted and len(token.text) > 1 and (token.text.endswith("{") or token.text == "{}")


def _glued_at_start(token: Token) -> bool:
    return not token.quoted and len(token.text) > 1 and token.text.startswith("}")


def _repaired(line: tuple[Token, ...]) -> tuple[Token, ...]:
    """Return `line` with a brace taken off the word that it runs into."""
    if _glued_at_end(line[-1]):
        word, last = line[-1].text[:-1], line[-1].text[-1]
        line = (*line[:-1], replace(line[-1], text=word), replace(line[-1], text=last))
    if _glued_at_start(line[0]):
        line = (replace(line[0], text="}"), *line[1:])
    return line
