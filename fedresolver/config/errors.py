"""What is wrong with a Corefile: where, what, and what would be right."""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

_SHOWN = 60


class Place(Protocol):
    """What knows where it was written: a token or a stanza."""

    @property
    def file(self) -> str:
        """The file, as the caller or an import named it."""

    @property
    def line(self) -> int:
        """The line, from 1 on."""


@dataclass(frozen=True, slots=True)
class At:
    """A line of a file that is not made of tokens."""

    file: str
    line: int


class ConfigError(Exception):
    """All errors that were found in one go, in `errors`; the text has one per line."""

    errors: tuple["StanzaError", ...]

    def __init__(self, errors: Iterable["StanzaError"]) -> None:
        self.errors = tuple(errors)
        super().__init__(self.errors)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))


class StanzaError(ConfigError):
    """One error, `file:line: wrong; right`; it is also a ConfigError that holds just itself."""

    def __init__(self, place: Place, wrong: str, right: str = "") -> None:
        self.file, self.line = place.file, place.line
        self.wrong, self.right = wrong, right
        super().__init__((self,))

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.wrong}" + (f"; {self.right}" if self.right else "")

    def __repr__(self) -> str:
        return f"StanzaError({str(self)!r})"


class Errors:
    """Gathers the errors of many parts, to raise them together.

    errors = Errors()
    for stanza in stanzas:
        with errors.gather():
            read(stanza)
    errors.raise_any()
    """

    def __init__(self) -> None:
        self._found: list[StanzaError] = []

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Keep the errors of the `with` body instead of letting them out; the body ends there."""
        try:
            yield
        except ConfigError as error:
            self._found.extend(error.errors)

    def add(self, error: ConfigError) -> None:
        """Keep an error that was not raised."""
        self._found.extend(error.errors)

    def raise_any(self) -> None:
        """Raise a ConfigError with all that was gathered, by file and line, or return if there is nothing.

        The same words about the same line are told once: what is imported twice is wrong twice.
        """
        told = {str(error): error for error in self._found}
        if told:
            files = list(dict.fromkeys(error.file for error in told.values()))
            order = {file: place for place, file in enumerate(files)}
            raise ConfigError(sorted(told.values(), key=lambda error: (order[error.file], error.line)))


def shown(text: str) -> str:
    """Return `text` between backticks as an error shows it: on one line, cut when it is long."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return "`" + "".join(c if c.isprintable() else repr(c)[1:-1] for c in cut) + "`"


def listed(words: Iterable[str]) -> str:
    """Return `words` as an error lists them: "`a`, `b`"."""
    return ", ".join(map(shown, words))


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return "did you mean `x`?" when `x` of `known` is close to `word`, otherwise the list of what is known."""
    names = sorted(known)
    near = difflib.get_close_matches(word[:_SHOWN].lower(), names, n=1)
    return f"did you mean {shown(near[0])}?" if near else f"known here: {listed(names) or 'nothing'}"
