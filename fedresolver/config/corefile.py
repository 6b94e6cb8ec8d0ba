"""A Corefile: its server blocks, with every import, snippet and variable replaced.

    example.org, 10.0.0.0/24 {      <- keys
        file example.org.zone       <- a stanza
    }

The top of a file holds server blocks, snippets and imports. A Corefile may also be one block without braces: its first
line holds the keys, all others are stanzas.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from fedresolver.config.errors import Errors, StanzaError, shown, suggestion
from fedresolver.config.imports import Imports, Reader
from fedresolver.config.key import Key, keys, refuse_twins, with_port
from fedresolver.config.lexer import Token
from fedresolver.config.stanza import Stanza

__all__ = ["Corefile", "Key", "Reader", "ServerBlock", "parse", "unknown_directive"]

MAX_KEYS = 20_000
"""The most keys of all blocks together; a network may be 128 of them."""

_OUTSIDE_RIGHT = "put it between a line such as `.:53 {` and its `}`"
_PATH_SIGNS = frozenset(".:/")
"""A name with one of these at the head of a block is a key, not a directive."""


@dataclass(frozen=True, slots=True)
class ServerBlock:
    """Zones that are served alike, and the stanzas that say how, in the order of the file."""

    keys: tuple[Key, ...]
    stanzas: tuple[Stanza, ...]


@dataclass(frozen=True, slots=True)
class Corefile:
    """A configuration that was read without an error.

    `files` are all that were read, the first is the Corefile itself. `digest` changes with the name or the text of any
    of them. `warnings` are what may be a slip, such as a pattern without a match.
    """

    blocks: tuple[ServerBlock, ...]
    files: tuple[str, ...]
    digest: str = ""
    warnings: tuple[StanzaError, ...] = ()

    def on_port(self, port: int) -> "Corefile":
        """Return this Corefile with `port` for every key that names none.

        ConfigError if two keys of a block then are one.
        """
        blocks = tuple(replace(block, keys=with_port(block.keys, port)) for block in self.blocks)
        errors = Errors()
        _refuse_twins(blocks, errors)
        errors.raise_any()
        return replace(self, blocks=blocks)


def parse(text: str, file: str, reader: Reader, environ: Mapping[str, str]) -> Corefile:
    """Return the Corefile that `text` is; ConfigError with every error that can be found in one go."""
    errors = Errors()
    imports = Imports(reader, environ, errors)
    served: list[Key] = []
    blocks: tuple[ServerBlock, ...] = ()
    with errors.gather():
        blocks = tuple(_blocks(imports.root(text, file), served, errors))
    _refuse_twins(blocks, errors)
    errors.raise_any()
    return Corefile(blocks, tuple(imports.texts), imports.digest(), tuple(imports.warnings))


def _refuse_twins(blocks: tuple[ServerBlock, ...], errors: Errors) -> None:
    """Put an error into `errors` for each key that a block has twice; two blocks may have it, at other addresses."""
    for block in blocks:
        refuse_twins(block.keys, errors)


def _blocks(stanzas: tuple[Stanza, ...], served: list[Key], errors: Errors) -> Iterator[ServerBlock]:
    joined = tuple(_joined(stanzas))
    if joined and joined[0].body is None and not any(map(_is_block, joined)):
        yield _block(joined[0], joined[1:], served, errors)
        return
    for stanza in joined:
        if stanza.body is None:
            errors.add(StanzaError(stanza, f"{shown(stanza.text)} stands in no server block", _OUTSIDE_RIGHT))
        else:
            yield _block(stanza, stanza.body, served, errors)


def _is_block(stanza: Stanza) -> bool:
    """Say whether `stanza` can only be a server block."""
    return stanza.body is not None and not _PATH_SIGNS.isdisjoint(stanza.text)


def _joined(stanzas: Iterable[Stanza]) -> Iterator[Stanza]:
    """Yield `stanzas`, the keys of a block on one line: a comma at the end of a line goes on with the next."""
    words: list[Token] = []
    in_block = False
    for stanza in stanzas:
        words += (stanza.name, *stanza.args)
        if stanza.body is None and not in_block and _goes_on(words[-1]):
            continue
        in_block = in_block or stanza.body is None  # a block without braces: its stanzas may end with a comma
        yield replace(stanza, name=words[0], args=tuple(words[1:]))
        words = []
    if words:
        yield Stanza(words[0], tuple(words[1:]))


def _goes_on(word: Token) -> bool:
    return word.text.endswith(",") and not word.quoted


def _block(head: Stanza, stanzas: tuple[Stanza, ...], served: list[Key], errors: Errors) -> ServerBlock:
    """Return the block that serves the keys of `head`, which are added to `served`."""
    first = len(served)
    for word in _words(head, errors):
        with errors.gather():
            served += keys(word)
        if len(served) > MAX_KEYS:
            raise StanzaError(word, f"more than {MAX_KEYS} zones are served", "write wider networks, or fewer zones")
    for stanza in stanzas:
        if not stanza.text:
            errors.add(_empty(stanza))
    return ServerBlock(tuple(served[first:]), stanzas)


def _words(head: Stanza, errors: Errors) -> Iterator[Token]:
    """Yield the keys at the head of a block, which commas may part."""
    last = head.args[-1] if head.args else head.name
    if _goes_on(last):
        errors.add(StanzaError(last, "no key follows the comma", "write another key, or take the comma away"))
    for token in (head.name, *head.args):
        parts = token.text.split(",") if not token.quoted else [token.text]
        kept = [part for part in parts if part]
        for part in kept or ([""] if token.text != "," else []):
            yield replace(token, text=part)


def _empty(stanza: Stanza) -> StanzaError:
    return StanzaError(stanza, "this directive has no name", "an environment variable that is not set is empty")


def unknown_directive(stanza: Stanza, known: Iterable[str]) -> StanzaError:
    """Return the error for a stanza that no plugin of `known` claims, with the name it may have been meant to be."""
    return StanzaError(stanza, f"unknown directive {shown(stanza.text)}", suggestion(stanza.text, known))
