"""A file system of text, and Corefiles as outlines that tests can compare."""

import fnmatch
import posixpath
from collections.abc import Mapping

import pytest

from fedresolver.config.corefile import Corefile, parse
from fedresolver.config.errors import ConfigError, Errors
from fedresolver.config.lexer import lex
from fedresolver.config.stanza import Stanza
from fedresolver.config.tree import tree


class Files:
    """A Reader of files that are given as text, or as the exception that reading them raises."""

    def __init__(self, files: Mapping[str, str | Exception] | None = None) -> None:
        self.files = dict(files or {})

    def read(self, path: str) -> str:
        found = self.files.get(posixpath.normpath(path), FileNotFoundError(2, "No such file or directory"))
        if isinstance(found, Exception):
            raise found
        return found

    def glob(self, pattern: str) -> tuple[str, ...]:
        return tuple(path for path in reversed(self.files) if fnmatch.fnmatchcase(path, pattern))


def parsed(text: str, files: Mapping[str, str | Exception] | None = None, **environ: str) -> Corefile:
    return parse(text, "Corefile", Files(files), environ)


def outline(stanzas: tuple[Stanza, ...]) -> str:
    """Return stanzas as `name arg[body; body], name`."""
    return "; ".join(_line(stanza) for stanza in stanzas)


def _line(stanza: Stanza) -> str:
    words = " ".join(token.text for token in (stanza.name, *stanza.args))
    return words if stanza.body is None else f"{words}[{outline(stanza.body)}]"


def outlines(corefile: Corefile) -> list[str]:
    """Return each server block as `key key[stanza; stanza]`."""
    return [f"{' '.join(map(str, block.keys))}[{outline(block.stanzas)}]" for block in corefile.blocks]


def stanza(text: str, file: str = "Corefile") -> Stanza:
    """Return the one stanza that `text` is."""
    errors = Errors()
    (found,) = tree(lex(text, file), errors)
    errors.raise_any()
    return found


def wrong(text: str, files: Mapping[str, str | Exception] | None = None, **environ: str) -> list[str]:
    """Return the lines of the error that parsing `text` raises."""
    with pytest.raises(ConfigError) as caught:
        parsed(text, files, **environ)
    return str(caught.value).splitlines()
