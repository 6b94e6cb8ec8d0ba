"""Read `bufsize [SIZE]`."""

from dataclasses import dataclass

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, arguments, integer, no_block

SMALLEST, LARGEST = 512, 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The most octets of a response over UDP."""

    size: int = 1232


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says."""
    no_block(stanza)
    given = arguments(stanza, 0, 1, "bufsize [SIZE]")
    return Settings(size=integer(given[0], SMALLEST, LARGEST)) if given else Settings()


def setup(setup: Setup) -> Plugin:
    """Return the size."""
    return Plugin(udp_size=parse(once(setup.stanzas)).size)
