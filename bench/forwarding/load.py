"""What an answer costs that an upstream gave, and one of the mix that pods ask for."""

from collections.abc import Sequence

from bench import queries
from bench.cases import Case
from bench.forwarding import replay
from bench.forwarding.servers import CoreDns, Dnsmasq, Fedresolver, Unbound
from bench.forwarding.truth import Forwarded
from bench.servers import Server
from bench.servers.floor import Floor
from bench.tools import Programs

CASES = (
    Case(
        name="forward-cached",
        queries=queries.outside(1000),
        truth=Forwarded,
        limits={"coredns": 0.5, "dnsmasq": 1.0},
    ),
    Case(name="forward-miss", queries=queries.never_asked, truth=Forwarded, fresh=True, limits={"coredns": 0.5}),
    Case(
        name="search-path",
        queries=replay.queries,
        services=replay.SERVICES,
        truth=Forwarded,
        limits={"coredns": 0.45, "floor": 3.5},
    ),
)


def servers(case: Case, programs: Programs, upstream: int) -> Sequence[Server]:
    """Return the servers of a case in the order in which they take turns."""
    federated = case.queries is replay.queries
    others: list[Server] = [Floor(programs.floor)] if federated else [Dnsmasq(upstream), Unbound(upstream)]
    if programs.coredns:
        others.append(CoreDns(programs.coredns, [upstream], federated))
    return [*others, Fedresolver([upstream], federated)]
