"""Read `https { path PATH; max_streams NUMBER; max_connections NUMBER }`."""

import re

from fedresolver.chain.plugin import Https, Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, StanzaError, Token, arguments, one, options, within

USAGE = "https"
MOST_STREAMS = 1000
MOST_CONNECTIONS = 1_000_000
_PATH = re.compile(r"/[A-Za-z0-9/._~!$'()*+,;=:@-]*", re.ASCII)


def parse(stanza: Stanza) -> Https:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    arguments(stanza, 0, 0, USAGE)
    return Https(
        **options(
            stanza,
            {
                "path": one(_path, "PATH"),
                "max_streams": one(within(1, MOST_STREAMS), "NUMBER"),
                "max_connections": one(within(0, MOST_CONNECTIONS), "NUMBER"),
            },
        )
    )


def _path(token: Token) -> str:
    if not _PATH.fullmatch(token.text):
        raise StanzaError(token, f"`{token.text}` is no path of a URL", "write one such as `/dns-query`")
    return token.text


def setup(setup: Setup) -> Plugin:
    """Return how the block answers over HTTPS."""
    stanza = once(setup.stanzas)
    return Plugin(https=parse(stanza))
