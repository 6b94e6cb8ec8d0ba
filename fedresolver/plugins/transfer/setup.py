"""Read `transfer [ZONES...] { to ADDRESS... [key NAME] }`."""

from ipaddress import ip_address as address_of
from ipaddress import ip_network
from itertools import chain
from typing import cast

from fedresolver.authority.zones import Zones
from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.errors import shown
from fedresolver.config.read import (
    Errors,
    Stanza,
    StanzaError,
    Token,
    arguments,
    cidr,
    host_port,
    no_block,
    options,
    zone,
    zones,
)
from fedresolver.plugins.transfer.handler import Answering
from fedresolver.plugins.transfer.lines import Lines
from fedresolver.plugins.transfer.metrics import TransferMetrics
from fedresolver.plugins.transfer.notifier import Notifier, Told
from fedresolver.plugins.transfer.settings import EVERYBODY, Network, Settings, Target, To
from fedresolver.plugins.transfer.stream import Streams
from fedresolver.wire.name import Name, from_text

PORT = 53
_USAGE = "to ADDRESS... [key NAME]"


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says, its zones empty where those of the block are meant; ConfigError for all errors."""
    errors = Errors()
    names: tuple[Name, ...] = ()
    lines: tuple[To, ...] = ()
    with errors.gather():
        names = tuple(map(from_text, chain.from_iterable(map(zones, arguments(stanza)))))
    with errors.gather():
        lines = options(stanza, {"to": _to}, repeatable={"to"}).get("to", ())
    errors.raise_any()
    if not lines:
        right = "write `to ADDRESS...` into its block, or `to *` for everybody"
        raise StanzaError(stanza, f"{shown(stanza.text)} says not to whom", right)
    return Settings(names, lines)


def _to(stanza: Stanza) -> To:
    no_block(stanza)
    given = arguments(stanza, 1, None, _USAGE)
    key = None
    words = [token.text for token in given]
    if "key" in words:
        at = words.index("key")
        if at == 0 or at + 2 != len(given):
            raise StanzaError(given[at], "`key` is followed by one name, and comes after the addresses", _USAGE)
        key, given = from_text(zone(given[at + 1])), given[:at]
    targets = tuple(Target(host, port, key) for host, port in filter(None, map(_host, given)))
    return To(tuple(chain.from_iterable(map(_networks, given))), targets, key)


def _networks(token: Token) -> tuple[Network, ...]:
    """Return whose addresses a token names."""
    if token.text == "*":
        return EVERYBODY
    host = _host(token)
    return (cidr(token),) if host is None else (ip_network(host[0].partition("%")[0]),)


def _host(token: Token) -> tuple[str, int] | None:
    """Return the address and port of one host; None for a network, or everybody."""
    if token.text == "*" or "/" in token.text:
        return None
    host, port = host_port(token, PORT)
    try:
        return str(address_of(host)), port or PORT
    except ValueError:
        wrong = f"{shown(token.text)} is no address"
        raise StanzaError(
            token, wrong, "write an IP address, ADDRESS:PORT, a network as 192.0.2.0/24, or `*`"
        ) from None


def setup(setup: Setup) -> Plugin:
    """Return the link for requests for zones, and the unit that tells of changes.

    The zones are those that other plugins of the block put into their common `Zones` until anything starts.
    """
    errors = Errors()
    parsed: list[Settings] = []
    for stanza in setup.stanzas:
        with errors.gather():
            found = parse(stanza)
            parsed.append(Settings(found.zones or setup.zones, found.to))
    errors.raise_any()
    metrics = setup.metrics.part(TransferMetrics)
    streams = Streams()
    answering = Answering(setup.server, setup.shared.part(Zones), tuple(parsed), streams, Lines(setup.clock), metrics)
    told = cast("Told", setup.keep("transfer", Told))
    notifier = Notifier(answering, told, tuple(host for host in setup.hosts if not address_of(host).is_unspecified))
    return Plugin(
        aside=answering.wrap,
        units=(told,),
        slow=(notifier,),
        reader=lambda: metrics.running.set(streams.running, setup.server),
    )
