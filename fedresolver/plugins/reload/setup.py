"""Read `reload [INTERVAL] [JITTER]` or `reload off`."""

import random
from dataclasses import dataclass

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, StanzaError, Token, arguments, duration, no_block
from fedresolver.plugins.reload.handler import Watch

USAGE = "reload [INTERVAL] [JITTER]` or `reload off"
_MIN_INTERVAL = 2.0
_MIN_JITTER = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How often the files are looked at, in seconds, and within how many the resolvers of a fleet spread out."""

    watch: bool = True
    interval: float = 30.0
    jitter: float = 15.0


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says, with a jitter of at most half the interval; StanzaError when it is wrong."""
    no_block(stanza)
    given = arguments(stanza, 0, 2, USAGE)
    if len(given) == 1 and given[0].text == "off":
        return Settings(watch=False)
    default = Settings()
    interval = _at_least(given[0], _MIN_INTERVAL, "interval") if given else default.interval
    jitter = _at_least(given[1], _MIN_JITTER, "jitter") if len(given) > 1 else default.jitter
    return Settings(interval=interval, jitter=min(jitter, interval / 2))


def _at_least(token: Token, least: float, what: str) -> float:
    seconds = duration(token)
    if seconds < least:
        raise StanzaError(token, f"the {what} `{token.text}` is too short", f"write {least:g}s or more")
    return seconds


def setup(setup: Setup) -> Plugin:
    """Return the watch; one with the same settings goes on."""
    settings = parse(once(setup.stanzas))
    if not settings.watch:
        return Plugin()

    def make() -> Watch:
        spread = random.uniform(-settings.jitter / 2, settings.jitter / 2)
        return Watch(setup.process, settings.interval + spread)

    return Plugin(units=(setup.keep(("reload", settings), make),))
