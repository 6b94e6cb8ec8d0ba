"""Directives that make sense only once in a server block."""

from fedresolver.config.errors import StanzaError, shown
from fedresolver.config.stanza import Stanza


def once(stanzas: tuple[Stanza, ...]) -> Stanza:
    """Return the only one of `stanzas`, which are at least one; StanzaError names the first when there are more."""
    first, *others = stanzas
    for other in others:
        wrong = f"{shown(other.text)} is given twice in this server block, first at {first.file}:{first.line}"
        raise StanzaError(other, wrong, "remove one")
    return first
