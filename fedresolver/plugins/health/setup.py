"""Read `health [ADDRESS] { lameduck DURATION }`."""

from dataclasses import dataclass

from fedresolver.chain.plugin import Plugin, Route
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, arguments, duration, host_port, one, options
from fedresolver.plugins.health.handler import health

USAGE = "health [ADDRESS]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the page is, and for how many seconds queries are still answered after a SIGTERM."""

    address: tuple[str, int] = ("", 8080)
    lameduck: float = 0.0


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    found = options(stanza, {"lameduck": one(duration, "DURATION")})
    for address in arguments(stanza, 0, 1, USAGE):
        found["address"] = host_port(address)
    return Settings(**found)


def setup(setup: Setup) -> Plugin:
    """Return the page and the lameduck time."""
    settings = parse(once(setup.stanzas))
    host, port = settings.address
    return Plugin(routes=(Route(host=host, port=port, path="/health", respond=health),), lameduck=settings.lameduck)
