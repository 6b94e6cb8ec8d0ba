"""Read `ready [ADDRESS] { monitor until-ready|continuously }`."""

from dataclasses import dataclass
from typing import cast

from fedresolver.chain.plugin import Plugin, Route
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, among, arguments, host_port, one, options
from fedresolver.plugins.ready.handler import Readiness

USAGE = "ready [ADDRESS]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the page is, and whether a process that was ready once may become unready again."""

    address: tuple[str, int] = ("", 8181)
    monitor: str = "until-ready"


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    found = options(stanza, {"monitor": one(among("until-ready", "continuously"), "until-ready|continuously")})
    for address in arguments(stanza, 0, 1, USAGE):
        found["address"] = host_port(address)
    return Settings(**found)


def setup(setup: Setup) -> Plugin:
    """Return the page; what it knows outlives a reload."""
    settings = parse(once(setup.stanzas))
    continuously = settings.monitor == "continuously"

    def make() -> Readiness:
        return Readiness(setup.process, continuously=continuously)

    readiness = cast("Readiness", setup.keep(("ready", settings), make))
    host, port = settings.address
    route = Route(host=host, port=port, path="/ready", respond=readiness.respond)
    gauge = setup.metrics.gauge("fedresolver_ready", "1 while /ready answers 200, else 0.", read=True)

    def read() -> None:
        before = gauge.value()
        gauge.set(float(readiness.ready() and before != 0))

    return Plugin(routes=(route,), units=(readiness,), reader=read)
