"""Read `bind ADDRESS|IFACE... { except ADDRESS|IFACE... }`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.read import Errors, Stanza, StanzaError, Token, arguments, options, some
from fedresolver.server.interfaces import interfaces

USAGE = "bind ADDRESS|IFACE..."
_RIGHT = "write an IP address, or the name of an interface of this machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one `bind` names, addresses and interfaces alike, and what of it is excepted."""

    hosts: tuple[Token, ...]
    excepted: tuple[Token, ...] = ()


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    found = options(stanza, {"except": some(lambda token: token, "ADDRESS|IFACE")})
    return Settings(hosts=arguments(stanza, 1, None, USAGE), excepted=found.get("except", ()))


def setup(setup: Setup, known: Callable[[], Mapping[str, tuple[str, ...]]] = interfaces) -> Plugin:
    """Return the addresses of all stanzas together; `known` says which interface has which addresses."""
    errors = Errors()
    addresses: dict[str, None] = {}
    for stanza in setup.stanzas:
        with errors.gather():
            addresses |= dict.fromkeys(resolve(stanza, parse(stanza), known()))
    errors.raise_any()
    return Plugin(addresses=tuple(addresses))


def resolve(stanza: Stanza, settings: Settings, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the addresses that `settings` mean; StanzaError when one is unknown or none is left."""
    excepted = {address for token in settings.excepted for address in _addresses(token, known)}
    hosts = [address for token in settings.hosts for address in _addresses(token, known)]
    left = tuple(address for address in hosts if address not in excepted)
    if not left:
        raise StanzaError(stanza, "`bind` leaves no address to listen on", "except fewer")
    return left


def _addresses(token: Token, known: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    if token.text in known:
        yield from known[token.text]
        return
    try:
        yield str(ip_address(token.text))
    except ValueError:
        raise StanzaError(token, f"`{token.text}` is no address and no interface with one", _RIGHT) from None
