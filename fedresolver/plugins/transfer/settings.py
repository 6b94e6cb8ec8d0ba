"""What `transfer [ZONES...] { to ADDRESS... [key NAME] }` says: who may have which zones, and is told of changes."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from ipaddress import ip_address as address_of

import msgspec

from fedresolver.wire.name import Name, parents
from fedresolver.wire.tsig import Key

Network = IPv4Network | IPv6Network
EVERYBODY: tuple[Network, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))


class Target(msgspec.Struct, frozen=True):
    """Who is told when a zone changes: an IP address as text, a port, the key that signs what is said, if any does."""

    host: str
    port: int
    key: Key | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class Grant(msgspec.Struct, frozen=True):
    """One line `to`: `networks` are whoever may have the zones, if `key` has signed the request where it is given.

    `hosts` are those of them that are told of changes, with their ports.
    """

    networks: tuple[Network, ...] = ()
    hosts: tuple[tuple[str, int], ...] = ()
    key: Key | None = None

    def allows(self, asker: IPv4Address | IPv6Address, key: Name | None) -> bool:
        """Say whether who asks, with a request signed by the key of this name or by none, may have the zones."""
        if self.key is not None and self.key.name != key:
            return False
        return any(asker in network for network in self.networks)


class Settings(msgspec.Struct, frozen=True):
    """One `transfer`: its zones and those below them, and to whom they go."""

    zones: tuple[Name, ...]
    to: tuple[Grant, ...] = ()

    def allows(self, address: str, key: Name | None) -> bool:
        """Say whether who asks from `address`, with a request signed by `key` or by none, may have the zones."""
        asker = address_of(address.partition("%")[0])
        return any(line.allows(asker, key) for line in self.to)

    @property
    def targets(self) -> tuple[Target, ...]:
        """All who are told of changes."""
        return tuple(dict.fromkeys(Target(*host, line.key) for line in self.to for host in line.hosts))


def by_zone(every: Iterable[Settings]) -> Mapping[Name, Settings]:
    """Return settings by the zones that they name; the first that names one has it."""
    return {zone: settings for settings in reversed(tuple(every)) for zone in settings.zones}


def of_zone(named: Mapping[Name, Settings], apex: Name) -> Settings | None:
    """Return those settings that hold for a zone: what names it, or else the narrowest zone above it."""
    return next((named[name] for name in parents(apex) if name in named), None)
