"""Read `status [ADDRESS] { names HOST... }`."""

from dataclasses import dataclass
from ipaddress import ip_address

from fedresolver.chain.plugin import Plugin, Route
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Stanza, Token, arguments, host_port, options, some
from fedresolver.plugins.status.events import Feeds
from fedresolver.plugins.status.pages import Pages
from fedresolver.status.directory import Directory

USAGE = "status [ADDRESS]"
LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the pages are, and the names beside its address that they may be asked by."""

    address: tuple[str, int] = ("127.0.0.1", 8053)
    names: tuple[str, ...] = ()


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    found = options(stanza, {"names": some(_host, "HOST", 1)})
    for address in arguments(stanza, 0, 1, USAGE):
        found["address"] = host_port(address)
    return Settings(**found)


def _host(token: Token) -> str:
    return token.text.lower()


def setup(setup: Setup) -> Plugin:
    """Return the pages."""
    stanza = once(setup.stanzas)
    settings = parse(stanza)
    host, port = settings.address
    directory = setup.common.part(Directory)
    feeds = Feeds(directory)
    pages = Pages(directory, feeds, setup.process, setup.clock, setup.wall)
    names = LOOPBACK.union(settings.names, (host,))
    routes = tuple(
        Route(host=host, port=port, path=path, respond=respond, names=names) for path, respond in pages.all().items()
    )
    warnings = () if _is_loopback(host) else (f"{stanza.file}:{stanza.line}: {_OPEN.format(host or 'every address')}",)
    return Plugin(routes=routes, units=(feeds,), warnings=warnings)


_OPEN = (
    "status is open on {}: whoever reaches that may read which Services there are in all clusters; "
    "write `status 127.0.0.1:8053`, or keep strangers away"
)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
