"""The cases, as data: what is asked, and how much CPU an answer may cost beside each peer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench import queries
from bench.queries import Queries
from bench.truth import Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One load on servers that all hold the same world."""

    name: str
    queries: Queries
    services: int = 1000
    truth: type[Truth] = Truth
    coredns: str = "hosts"
    """The plugin behind its cache: `hosts`, or `file` where the answer is more than an address."""

    fresh: bool = False
    """Never ask a message twice: new ones in each round, and watch the memory."""

    transport: str = "udp"
    """`udp`, `tcp` and `dot` (DNS over TLS) as dnsperf has them, or `connections`: TCP, each query on its own."""

    limits: Mapping[str, float] = field(default_factory=dict)
    """Server -> our CPU per answer, at most, as a multiple of its."""


CASES = (
    Case(name="hot-1", queries=queries.local(1), limits={"floor": 2.0, "nsd": 1.7, "coredns": 0.40}),
    Case(name="hot-1000", queries=queries.local(1000), limits={"floor": 2.2, "nsd": 1.7, "coredns": 0.40}),
    Case(
        name="hot-10000",
        queries=queries.local(10_000),
        services=10_000,
        limits={"floor": 2.4, "nsd": 1.7, "coredns": 0.35},
    ),
    Case(name="walk", queries=queries.walk, coredns="file", limits={"floor": 2.2, "coredns": 0.30}),
    Case(name="absent", queries=queries.absent, coredns="file", fresh=True, limits={"floor": 5.0}),
    Case(name="cookies", queries=queries.cookies, fresh=True, limits={"floor": 5.0}),
    Case(name="letter-case", queries=queries.letter_case(1000), fresh=True, limits={"floor": 5.0}),
    Case(name="tcp", queries=queries.local(1000), transport="tcp", limits={"nsd": 1.0, "coredns": 0.70}),
    Case(
        name="tcp-connections",
        queries=queries.local(1000),
        transport="connections",
        limits={"coredns": 1.30},
    ),
    Case(name="tls", queries=queries.local(1000), transport="dot", limits={"coredns": 1.0}),
)
