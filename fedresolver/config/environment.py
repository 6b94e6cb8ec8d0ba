"""Environment variables in tokens: `{$NAME}` and `{%NAME%}`."""

import re
from collections.abc import Mapping
from dataclasses import replace

from fedresolver.config.lexer import Token

_VARIABLE = re.compile(r"\{\$([^{}]+)\}|\{%([^{}%]+)%\}")


def substitute(token: Token, environ: Mapping[str, str]) -> Token:
    """Return `token` with its variables replaced; one that is not set is empty, and no value is looked into again."""
    if "{" not in token.text:
        return token
    return replace(token, text=_VARIABLE.sub(lambda found: environ.get(found[1] or found[2], ""), token.text))
