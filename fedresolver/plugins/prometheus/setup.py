"""Read `prometheus [ADDRESS]`."""

from dataclasses import dataclass

from fedresolver.chain.plugin import Plugin, Route
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, arguments, host_port, no_block
from fedresolver.plugins.prometheus.handler import Page, TrafficObserver
from fedresolver.plugins.prometheus.metrics import Traffic
from fedresolver.wire.name import to_text

USAGE = "prometheus [ADDRESS]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the page is."""

    address: tuple[str, int] = ("localhost", 9153)


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; StanzaError when it is wrong."""
    no_block(stanza)
    given = arguments(stanza, 0, 1, USAGE)
    return Settings(address=host_port(given[0])) if given else Settings()


def setup(setup: Setup) -> Plugin:
    """Return the observer of the block, and the page of the process."""
    host, port = parse(once(setup.stanzas)).address
    traffic = setup.metrics.part(Traffic)
    observer = TrafficObserver(traffic, setup.server)
    route = Route(host=host, port=port, path="/metrics", respond=Page(setup.metrics).respond)

    def read() -> None:
        traffic.move()
        for zone in setup.zones:
            for name in setup.plugins:
                traffic.enabled.set(1, setup.server, to_text(zone), name)

    return Plugin(observer=observer, routes=(route,), reader=read)
