"""Keeping secrets out of a log: those that we hold, and those in what others say."""

from collections.abc import Iterable

import msgspec

_SHORTEST = 4  # characters; what is shorter is no secret, and stands in many words
_INSTEAD = "..."


class Secret(msgspec.Struct, frozen=True):
    """Something that has secrets in it: none of its fields is ever shown."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return a text without any of the secrets, and without any line of one that has several."""
    lines = {line.strip() for secret in secrets for line in secret.splitlines()}
    for line in sorted(lines, key=len, reverse=True):  # of two that begin alike the shorter would leave a rest
        if len(line) >= _SHORTEST:
            text = text.replace(line, _INSTEAD)
    return text
