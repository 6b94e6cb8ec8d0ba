"""Read `whoami`, which takes nothing."""

from dataclasses import dataclass

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, arguments, no_block
from fedresolver.plugins.whoami.handler import whoami


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `whoami` says: that it is there."""


def parse(stanza: Stanza) -> Settings:
    """Return the settings; StanzaError when there is an argument or a block."""
    arguments(stanza, 0, 0, "whoami")
    no_block(stanza)
    return Settings()


def setup(setup: Setup) -> Plugin:
    """Return the link of the chain that answers everything."""
    parse(once(setup.stanzas))
    return Plugin(wrap=whoami)
