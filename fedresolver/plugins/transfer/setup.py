"""Read `transfer [ZONES...] { to ADDRESS... [key NAME] }`."""

from ipaddress import ip_address as address_of
from ipaddress import ip_network
from itertools import chain
from typing import cast

import msgspec

from fedresolver.authority.zones import Zones
from fedresolver.chain.keys import key_of, with_key
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
    zones,
)
from fedresolver.plugins.transfer.datagram import Sending
from fedresolver.plugins.transfer.handler import Answering
from fedresolver.plugins.transfer.metrics import TransferMetrics
from fedresolver.plugins.transfer.notifier import Notifier, Told
from fedresolver.plugins.transfer.settings import EVERYBODY, Grant, Network, Settings, by_zone
from fedresolver.plugins.transfer.stream import Streams
from fedresolver.server.seldom import Seldom
from fedresolver.wire.name import Name, from_text

PORT = 53
_USAGE = "to ADDRESS... [key NAME]"


class To(msgspec.Struct, frozen=True):
    """One line `to` as it is written; `key` names the key that must have signed, None for none."""

    networks: tuple[Network, ...]
    hosts: tuple[tuple[str, int], ...]
    key: Token | None = None


class Written(msgspec.Struct, frozen=True):
    """What one stanza says; no zones are those of the block."""

    zones: tuple[Name, ...]
    to: tuple[To, ...]


def parse(stanza: Stanza) -> Written:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    errors = Errors()
    names: tuple[Name, ...] = ()
    lines: tuple[To, ...] = ()
    for token in arguments(stanza):
        with errors.gather():
            names += tuple(map(from_text, zones(token)))
    with errors.gather():
        lines = options(stanza, {"to": _to}, repeatable={"to"}).get("to", ())
        if not lines:
            raise StanzaError(stanza, "`transfer` says not to whom", f"write `{_USAGE}` into its block")
    errors.raise_any()
    return Written(names, lines)


def _to(stanza: Stanza) -> To:
    no_block(stanza)
    given, key = with_key(arguments(stanza, 1, None, _USAGE), _USAGE)
    hosts = tuple(host for host in map(_host, given) if host is not None)
    return To(tuple(chain.from_iterable(map(_networks, given))), hosts, key)


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
    every: list[Settings] = []
    for stanza in setup.stanzas:
        with errors.gather():
            written = parse(stanza)
            every.append(Settings(written.zones or setup.zones, tuple(_grant(setup, to) for to in written.to)))
    errors.raise_any()
    metrics = setup.metrics.part(TransferMetrics)
    answering = Answering(
        setup.server,
        setup.shared.part(Zones),
        by_zone(every),
        Streams(),
        Seldom(setup.clock),
        Seldom(setup.clock),
        metrics,
    )
    told = cast("Told", setup.keep("transfer", Told))
    notifier = Notifier(answering, told, Sending(setup.hosts, setup.wall), Seldom(setup.clock))
    return Plugin(
        aside=answering.wrap,
        units=(told,),
        slow=(notifier,),
        reader=lambda: metrics.running.set(answering.streams.running, setup.server),
    )


def _grant(setup: Setup, to: To) -> Grant:
    return Grant(to.networks, to.hosts, None if to.key is None else key_of(setup, to.key))
