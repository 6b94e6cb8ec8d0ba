"""The files behind a Corefile: `import` lines and snippets replaced by what they stand for.

Each file and each snippet is a tree of whole stanzas, so no import opens a block that another file closes. What imports
multiply is counted, and how deep they nest is bounded.
"""

import hashlib
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from fedresolver.config.environment import substitute
from fedresolver.config.errors import ConfigError, Errors, StanzaError, shown
from fedresolver.config.lexer import Token, lex
from fedresolver.config.stanza import Stanza
from fedresolver.config.tree import MAX_DEPTH, tree

MAX_IMPORTS = 16
"""How deep imports may be nested."""
MAX_FILES = 1000
MAX_TOKENS = 200_000
"""The most tokens that all files hold together, and that they make when every import is replaced."""


class Reader(Protocol):
    """The file system, as far as a Corefile sees it."""

    def read(self, path: str) -> str:
        """Return the text of a file; OSError or UnicodeDecodeError when it cannot be read."""

    def glob(self, pattern: str) -> tuple[str, ...]:
        """Return the paths that match `pattern`, none if nothing does."""


@dataclass(frozen=True, slots=True)
class _Trail:
    """How the reading got here: the files and snippets being imported, and the blocks that are open."""

    imports: tuple[str, ...]
    depth: int = 0


class Imports:
    """Reads one Corefile with all that it imports; errors that are not the end go to `errors`."""

    def __init__(self, reader: Reader, environ: Mapping[str, str], errors: Errors) -> None:
        self.texts: dict[str, str] = {}
        self.warnings: list[StanzaError] = []
        self._reader = reader
        self._environ = environ
        self._errors = errors
        self._trees: dict[str, tuple[Stanza, ...]] = {}
        self._snippets: dict[str, Stanza] = {}
        self._lexed = 0
        self._made = 0

    def root(self, text: str, file: str) -> tuple[Stanza, ...]:
        """Return the top stanzas of the Corefile `text`; ConfigError when there is no going on."""
        self._grow(text, file, Token("", file, 1))
        return tuple(self._expanded(self._trees[file], _Trail((posixpath.normpath(file),))))

    def digest(self) -> str:
        """Return a fingerprint of every file that was read, its name and its text."""
        parts = (part.encode("utf-8", "surrogatepass") for item in self.texts.items() for part in item)
        return hashlib.sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).hexdigest()

    def _grow(self, text: str, file: str, place: Token) -> None:
        self.texts[file] = text
        self._trees[file] = ()  # stays so when the file has an error: that is told once
        tokens = lex(text, file)
        self._lexed += len(tokens)
        if self._lexed > MAX_TOKENS:
            raise _TooMuchError(place, f"the configuration has more than {MAX_TOKENS} words")
        self._trees[file] = tree(tokens, self._errors)

    def _expanded(self, stanzas: Iterable[Stanza], trail: _Trail) -> Iterator[Stanza]:
        for raw in stanzas:
            stanza = substitute(raw, self._environ)
            self._count(stanza)
            if stanza.text == "import" and not stanza.name.quoted:
                yield from self._imported(stanza, trail)
            elif trail.depth == 0 and _is_snippet(stanza):
                self._define(stanza)
            else:
                yield self._with_body(stanza, trail)

    def _count(self, stanza: Stanza) -> None:
        self._made += 1 + len(stanza.args)
        if self._made > MAX_TOKENS:
            raise _TooMuchError(stanza.name, f"the imports make more than {MAX_TOKENS} words")

    def _with_body(self, stanza: Stanza, trail: _Trail) -> Stanza:
        if stanza.body is None:
            return stanza
        if trail.depth == MAX_DEPTH:
            raise _TooMuchError(stanza.name, f"blocks are nested more than {MAX_DEPTH} deep by imports")
        inside = replace(trail, depth=trail.depth + 1)
        return replace(stanza, body=tuple(self._expanded(stanza.body, inside)))

    def _define(self, stanza: Stanza) -> None:
        name = stanza.text[1:-1]
        if first := self._snippets.get(name):
            wrong = f"the snippet {shown(stanza.text)} is defined twice, first at {first.file}:{first.line}"
            self._errors.add(StanzaError(stanza, wrong, "give one of them another name"))
        elif stanza.body is None:
            self._errors.add(
                StanzaError(stanza, f"the snippet {shown(stanza.text)} has no block", "end the line with ` {`")
            )
        else:
            self._snippets[name] = stanza

    def _imported(self, stanza: Stanza, trail: _Trail) -> Iterator[Stanza]:
        """Yield what the import line `stanza` stands for; an error leaves its place empty."""
        try:
            for name, stanzas in self._sources(stanza):
                yield from self._expanded(stanzas, _entered(stanza, name, trail))
        except _TooMuchError:
            raise
        except ConfigError as error:
            self._errors.add(error)

    def _sources(self, stanza: Stanza) -> Iterator[tuple[str, tuple[Stanza, ...]]]:
        """Yield each snippet or file that an import line names, with its stanzas."""
        if len(stanza.args) != 1 or not stanza.args[0].text or stanza.body is not None:
            raise StanzaError(
                stanza, "import takes one argument and no block", "write `import SNIPPET`, or a path or pattern"
            )
        argument = stanza.args[0]
        if snippet := self._snippets.get(argument.text):
            yield snippet.text, snippet.body or ()
            return
        for path in self._paths(argument):
            yield posixpath.normpath(path), self._file(path, argument)

    def _paths(self, argument: Token) -> tuple[str, ...]:
        path = posixpath.join(posixpath.dirname(argument.file), argument.text)
        if not any(wildcard in path for wildcard in "*?["):
            return (path,)
        if path.count("*") > 1 or path.count("?") > 1 or "[" in path:
            raise StanzaError(argument, f"the pattern {shown(argument.text)} is too wide", "use one `*` or one `?`")
        paths = self._reader.glob(path)
        if not paths:
            self.warnings.append(StanzaError(argument, f"no file matches {shown(argument.text)}"))
        return tuple(sorted(paths))

    def _file(self, path: str, argument: Token) -> tuple[Stanza, ...]:
        if path not in self._trees:
            if len(self.texts) == MAX_FILES:
                raise _TooMuchError(argument, f"more than {MAX_FILES} files are imported")
            self._grow(self._read(path, argument), path, argument)
        return self._trees[path]

    def _read(self, path: str, argument: Token) -> str:
        try:
            return self._reader.read(path)
        except FileNotFoundError:
            wrong = f"there is no snippet and no file {shown(argument.text)} to import"
            raise StanzaError(argument, wrong, f"looked for {shown(path)}") from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise StanzaError(argument, f"cannot read {shown(path)}: {reason}") from error
        except UnicodeDecodeError as error:
            raise StanzaError(argument, f"{shown(path)} is not UTF-8 text (octet {error.start})") from error


class _TooMuchError(StanzaError):
    """A limit is reached: the reading ends."""


def _entered(stanza: Stanza, name: str, trail: _Trail) -> _Trail:
    """Return the trail inside the import of `name`; StanzaError for a circle, or too deep a nest."""
    if name in trail.imports:
        circle = " -> ".join((*trail.imports[trail.imports.index(name) :], name))
        raise StanzaError(stanza, f"imports run in a circle: {circle}")
    if len(trail.imports) > MAX_IMPORTS:
        raise StanzaError(stanza, f"imports are nested more than {MAX_IMPORTS} deep")
    return replace(trail, imports=(*trail.imports, name))


def _is_snippet(stanza: Stanza) -> bool:
    return not stanza.args and not stanza.name.quoted and stanza.text[:1] == "(" and stanza.text[-1:] == ")"
