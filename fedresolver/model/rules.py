"""The rules of a federation for its members: where they are, which Services count, who may speak for what."""

from enum import Enum
from fnmatch import fnmatchcase
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import msgspec

from fedresolver.model.place import Place
from fedresolver.model.selector import Selector

Network = IPv4Network | IPv6Network

NOT_LOAD_BALANCERS: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "255.255.255.255/32",
        "::/128",
        "::1/128",
        "::ffff:0.0.0.0/104",
        "::ffff:127.0.0.0/104",
        "::ffff:169.254.0.0/112",
        "::ffff:224.0.0.0/100",
        "::ffff:255.255.255.255/128",
        "fe80::/10",
        "ff00::/8",
    )
)
"""Unspecified, loopback, link-local, multicast, broadcast: no load balancer is there, whatever a member says.

A socket that connects to an IPv4 address mapped into IPv6 gets to that IPv4 address (RFC 4291 2.5.5.2).
"""


_SUSPECTS = frozenset(
    (network.max_prefixlen // 8, first)
    for network in NOT_LOAD_BALANCERS
    for first in range(network.network_address.packed[0], network.broadcast_address.packed[0] + 1)
)
"""The sizes and first octets with which such an address begins: most addresses need no closer look."""


class Select(Enum):
    """Which Services of a member are federated."""

    ALL = "all"
    LABELS = "labels"
    EXPORTED = "exported"


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What a store lets in of the members' words.

    `local` is the member we run in, or empty; `node` our own Node. `places` override what Nodes say, by member.
    `speaks_for` are the namespace patterns of the members that are restricted. `allowed` are networks in which load
    balancers are believed although `NOT_LOAD_BALANCERS` says otherwise.
    """

    local: str = ""
    node: str = ""
    places: dict[str, tuple[Place, ...]] = {}
    select: Select = Select.ALL
    selector: Selector | None = None
    speaks_for: dict[str, tuple[str, ...]] = {}
    allowed: tuple[Network, ...] = ()

    def may_speak(self, member: str, namespace: str) -> bool:
        """Say whether `member` may have Services in `namespace`."""
        patterns = self.speaks_for.get(member)
        return patterns is None or any(fnmatchcase(namespace, pattern) for pattern in patterns)

    def believes(self, packed: bytes) -> bool:
        """Say whether the packed address may be a load balancer's."""
        if (len(packed), packed[0]) not in _SUSPECTS:
            return True
        return not _within(packed, NOT_LOAD_BALANCERS) or _within(packed, self.allowed)


def _within(packed: bytes, networks: tuple[Network, ...]) -> bool:
    address = ip_address(packed)
    return any(address in network for network in networks)
