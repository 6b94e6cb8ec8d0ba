"""Files with keys as `tsig-keygen` writes them: `key NAME { algorithm ALGORITHM; secret KEY; };`, any number."""

import re
from collections.abc import Iterator

from fedresolver.config.errors import StanzaError, shown
from fedresolver.config.lexer import Token
from fedresolver.plugins.tsig.secret import key
from fedresolver.wire.tsig import Key

LARGEST = 1024 * 1024
"""Octets of a file that is read."""

_PIECE = re.compile(
    r"""
      (?P<newline> \n )
    | (?P<blank>   [^\S\n]+ | (?: // | \# ) [^\n]* )
    | (?P<comment> /\* (?: [^*] | \* (?!/) )*+ \*/ )
    | " (?P<quoted> [^"\n]* ) "
    | (?P<sign>    [{};] )
    | (?P<word>    (?! /\* ) [^\s{};"]+ )
    """,
    re.VERBOSE,
)
_SIGNS = ("{", "}", ";", "")
_FORM = 'write `key "NAME" { algorithm ALGORITHM; secret "KEY"; };`'


def read(text: str, file: str) -> tuple[Key, ...]:
    """Return the keys in the text of a file; StanzaError says where it is wrong."""
    words = list(_tokens(text, file))
    found = []
    while len(words) > 1:
        _expect(words, "key")
        found.append(_key(words))
    return tuple(found)


def _key(words: list[Token]) -> Key:
    """Take the rest of a statement from the front of `words`, and return what it says."""
    name = _take(words)
    _expect(words, "{")
    said: dict[str, Token] = {}
    while not _is_sign(words[0]):
        what = _take(words)
        if what.text not in ("algorithm", "secret") or what.text in said:
            raise StanzaError(what, "neither `algorithm` nor `secret`, or twice", _FORM)
        said[what.text] = _take(words)
        _expect(words, ";")
    _expect(words, "}")
    _expect(words, ";")
    if "secret" not in said:
        raise StanzaError(name, f"the key {shown(name.text)} has no secret", _FORM)
    return key(name, said["secret"], said.get("algorithm"))


def _is_sign(token: Token) -> bool:
    """Say whether this is a sign, or the end."""
    return token.text in _SIGNS and not token.quoted


def _take(words: list[Token]) -> Token:
    """Take a word. What stands in its place may be a secret, so it is not shown."""
    if _is_sign(words[0]):
        raise StanzaError(words[0], "a word is missing", _FORM)
    return words.pop(0)


def _expect(words: list[Token], text: str) -> None:
    """Take this one word or sign."""
    if words[0].text != text or words[0].quoted:
        raise StanzaError(words[0], f"there is no {shown(text)} where one must be", _FORM)
    words.pop(0)


def _tokens(text: str, file: str) -> Iterator[Token]:
    """Yield words and signs, and at the end an empty one."""
    line, position = 1, 0
    while position < len(text):
        found = _PIECE.match(text, position)
        if found is None:
            raise StanzaError(Token("", file, line), "a comment or a quote does not end", _FORM)
        position = found.end()
        if found.lastgroup in ("quoted", "sign", "word"):
            yield Token(found[found.lastgroup], file, line, quoted=found.lastgroup == "quoted")
        line += found[0].count("\n")
    yield Token("", file, line)
