"""Environment variables in a stanza: `{$NAME}` and `{%NAME%}`.

They are replaced when blocks are known, so that no value opens or closes one.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from fedresolver.config.lexer import Token
from fedresolver.config.stanza import Stanza

_VARIABLE = re.compile(r"\{\$([^{}]+)\}|\{%([^{}%]+)%\}")


def substitute(stanza: Stanza, environ: Mapping[str, str]) -> Stanza:
    """Return `stanza` with the variables in its name and arguments replaced; its body is left as it is.

    A variable that is not set is empty, and no value is looked into again.
    """
    words = (stanza.name, *stanza.args)
    if not any("{" in word.text for word in words):
        return stanza
    name, *args = (_substituted(word, environ) for word in words)
    return replace(stanza, name=name, args=tuple(args))


def _substituted(token: Token, environ: Mapping[str, str]) -> Token:
    return replace(token, text=_VARIABLE.sub(lambda found: environ.get(found[1] or found[2], ""), token.text))
