"""Read `chaos [VERSION] [AUTHORS...]`."""

import socket
from dataclasses import dataclass

from fedresolver import __version__
from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, arguments, no_block
from fedresolver.plugins.chaos.handler import chaos

MOST_AUTHORS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is said of the server's software, and of who has written it."""

    version: str = f"fedresolver-{__version__}"
    authors: tuple[str, ...] = ("the authors of fedresolver",)


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says."""
    no_block(stanza)
    given = [token.text for token in arguments(stanza, 0, 1 + MOST_AUTHORS, "chaos [VERSION] [AUTHORS...]")]
    if not given:
        return Settings()
    version, *authors = given
    return Settings(version=version, authors=tuple(sorted(set(authors)))) if authors else Settings(version=version)


def setup(setup: Setup) -> Plugin:
    """Return the link for questions of class CH."""
    settings = parse(once(setup.stanzas))
    return Plugin(aside=chaos(settings.version, settings.authors, socket.gethostname()))
