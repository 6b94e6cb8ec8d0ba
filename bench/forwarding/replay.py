"""What the pods of a cluster send: names looked up along the search path, by stub resolvers of several kinds.

A name with fewer than five dots (`ndots:5`) is asked below each domain of the pod's search path and then as it is,
until it exists; every time for A and AAAA, one right after the other, as glibc, musl, Go and systemd-resolved do.
"""

import functools
import itertools
import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dns.flags
import dns.rcode
import dns.rdatatype

from bench.forwarding.truth import Forwarded
from bench.truth import SUFFIX
from bench.world import CLUSTER_DOMAIN, FEDERATION, NAMESPACE, World

SERVICES = 5000
SITES = 1000
"""Names outside the cluster that are asked for."""

FEDERATED = 0.75
"""The part of the lookups that is for federated Services."""

MESSAGES = 400_000
AT_ONCE = 64
"""Lookups that are under way together, so that others come between the steps of one."""

SEED = 5
NAMESPACES = ("default", NAMESPACE)
"""Those of the pods."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What the messages of a kind of stub resolver look like; without EDNS `payload` is None."""

    name: str
    flags: dns.flags.Flag
    payload: int | None = None


KINDS = (
    Kind("glibc", dns.flags.RD),
    Kind("glibc, options edns0 trust-ad", dns.flags.RD | dns.flags.AD, 1200),
    Kind("musl", dns.flags.RD | dns.flags.AD),
    Kind("Go", dns.flags.RD, 1232),
    Kind("systemd-resolved", dns.flags.RD, 1472),
)
TYPES = (dns.rdatatype.A, dns.rdatatype.AAAA)
TRUTH = Forwarded(World(SERVICES))


def queries(_: int) -> Iterator[bytes]:
    """Give the replay, each time the same."""
    return iter(replay())


@functools.cache
def replay() -> Sequence[bytes]:
    """Return the messages of many lookups, interleaved; the first is for a Service, whose answer is late at a start."""
    chance = random.Random(SEED)
    first = message(KINDS[0], f"svc-00001.{SUFFIX}", dns.rdatatype.A)
    return [first, *itertools.islice(interleaved(lookups(chance), AT_ONCE), MESSAGES)]


def lookups(chance: random.Random) -> Iterator[Iterator[bytes]]:
    """Give lookups without end, Services and sites each by Zipf's law; each is the messages that it takes."""
    services, sites = zipf(SERVICES), zipf(SITES)
    while True:
        if chance.random() < FEDERATED:
            (number,) = chance.choices(range(1, SERVICES + 1), cum_weights=services)
            name = f"svc-{number:05}.{NAMESPACE}.{FEDERATION}"
        else:
            (number,) = chance.choices(range(1, SITES + 1), cum_weights=sites)
            name = f"www.site-{number:04}.example.net"
        yield lookup(chance.choice(KINDS), name, chance.choice(NAMESPACES))


def zipf(count: int) -> list[float]:
    """Return the cumulative weights of 1, 1/2, 1/3 and so on."""
    return list(itertools.accumulate(1 / rank for rank in range(1, count + 1)))


def lookup(kind: Kind, name: str, namespace: str) -> Iterator[bytes]:
    """Give the messages of one lookup by a pod of a namespace."""
    for asked in path(name, namespace):
        for type_ in TYPES:
            yield message(kind, asked, type_)


@functools.cache
def path(name: str, namespace: str) -> Sequence[str]:
    """Return the names that a pod asks for one after the other, the last one is that which exists."""
    domains = [f"{namespace}.svc.{CLUSTER_DOMAIN}", f"svc.{CLUSTER_DOMAIN}", CLUSTER_DOMAIN, ""]
    names = [f"{name}.{domain}" for domain in domains]
    absent = itertools.takewhile(lambda one: TRUTH.answer(one).rcode == dns.rcode.NXDOMAIN, names)
    return names[: len(list(absent)) + 1]


@functools.cache
def message(kind: Kind, name: str, type_: dns.rdatatype.RdataType) -> bytes:
    """Return a query with ID 0."""
    header = bytes([0, 0, *kind.flags.to_bytes(2), 0, 1, 0, 0, 0, 0, 0, kind.payload is not None])
    opt = b"" if kind.payload is None else bytes([0, 0, dns.rdatatype.OPT, *kind.payload.to_bytes(2)]) + bytes(6)
    labels = (len(label).to_bytes() + label.encode() for label in name.split("."))  # the last one is the root
    return header + b"".join(labels) + bytes([0, type_, 0, 1]) + opt


def interleaved(sequences: Iterator[Iterator[bytes]], at_once: int) -> Iterator[bytes]:
    """Give one of each sequence in turn, `at_once` sequences at a time."""
    active = deque(itertools.islice(sequences, at_once))
    while active:
        first = active.popleft()
        if (one := next(first, None)) is None:
            active.extend(itertools.islice(sequences, 1))
            continue
        yield one
        active.append(first)
