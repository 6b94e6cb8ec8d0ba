"""What is wrong with what a member says."""

from fedresolver.model.objects import Object


class FlawError(ValueError):
    """An object says something that cannot be: the field, what is wrong with it, what would be right.

    `instead` is what the object says all the same; None when nothing of it can be believed.
    """

    def __init__(self, text: str, instead: Object | None = None) -> None:
        super().__init__(text)
        self.instead = instead


class DamageError(ValueError):
    """A text cannot be read at all, from its line `line` on (0: as a whole)."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.line = line


def quoted(text: str) -> str:
    """Return `text` as it may stand in a log line: in quotes, without control characters, not endless."""
    return repr(text if len(text) <= 80 else text[:77] + "...")
