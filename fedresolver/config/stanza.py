"""One line of a Corefile with the block it opens: what a plugin is configured with."""

from dataclasses import dataclass

from fedresolver.config.lexer import Token


@dataclass(frozen=True, slots=True)
class Stanza:
    """A directive, its arguments, and the stanzas between its braces; `body` is None when there are no braces."""

    name: Token
    args: tuple[Token, ...] = ()
    body: "tuple[Stanza, ...] | None" = None

    @property
    def text(self) -> str:
        """The directive's name."""
        return self.name.text

    @property
    def file(self) -> str:
        """The file in which the directive stands."""
        return self.name.file

    @property
    def line(self) -> int:
        """The line on which the directive stands."""
        return self.name.line
