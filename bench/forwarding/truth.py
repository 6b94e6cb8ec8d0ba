"""What is right where an upstream answers what is not ours: the rules of `upstream.c`."""

import ipaddress
from dataclasses import dataclass

import dns.name
import dns.rcode

from bench.truth import ZONES, Answer, Truth
from bench.world import CLUSTER_DOMAIN

TTL = 300
HASH_SEED, HASH_PRIME, HASH_BITS = 2166136261, 16777619, 24
FIRST = {"A": ipaddress.IPv4Address("10.0.0.0"), "AAAA": ipaddress.IPv6Address("2001:db8::")}
"""Type -> the first of its addresses."""


@dataclass(frozen=True)
class Forwarded(Truth):
    """The records of a world, and of everything outside of it."""

    def answer(self, name: str, type_: str = "A") -> Answer:
        """Return the right answer for a name and a type."""
        owner = name.lower()
        if any(below(owner, apex) for apex in ZONES):
            return super().answer(name, type_)
        return outside(owner, type_)


def outside(owner: str, type_: str) -> Answer:
    """Return what the upstream answers for a name in small letters."""
    if below(owner, CLUSTER_DOMAIN):
        return Answer(dns.rcode.NXDOMAIN, frozenset(), CLUSTER_DOMAIN)
    if type_ not in FIRST:
        return Answer(dns.rcode.NOERROR, frozenset())
    rdata = str(FIRST[type_] + hashed(dns.name.from_text(owner).to_digestable()[:-1]))
    return Answer(dns.rcode.NOERROR, frozenset([(owner, TTL, type_, rdata)]))


def below(owner: str, apex: str) -> bool:
    """Tell whether a name is an apex or below it."""
    return f".{owner}".endswith(f".{apex}")


def hashed(octets: bytes) -> int:
    """Return the lower 24 bits of FNV-1a."""
    value = HASH_SEED
    for octet in octets:
        value = (value ^ octet) * HASH_PRIME % (1 << 32)
    return value % (1 << HASH_BITS)
