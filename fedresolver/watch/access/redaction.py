"""Keeping secrets out of what others say, before it comes to a log."""

from collections.abc import Iterable

_SHORTEST = 4  # characters; what is shorter is no secret, and stands in many words
_INSTEAD = "..."


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return a text without any of the secrets, and without any line of one that has several."""
    lines = {line.strip() for secret in secrets for line in secret.splitlines()}
    for line in sorted(lines, key=len, reverse=True):  # of two that begin alike the shorter would leave a rest
        if len(line) >= _SHORTEST:
            text = text.replace(line, _INSTEAD)
    return text
