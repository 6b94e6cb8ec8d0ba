"""Whether the cluster's DNS hands the federation's names to fedresolver, and whether they stay there."""

import msgspec

from fedresolver.cli.diagnose.heard import Heard, Reply
from fedresolver.cli.diagnose.subject import CLUSTER_DOMAIN
from fedresolver.cli.diagnose.verdict import Verdict, fail, fine, skip


class Handing(msgspec.Struct, frozen=True, kw_only=True):
    """What a name server of a pod says: to `SOA F.svc.C`, and to a name below it that nobody has."""

    server: str
    soa: Heard
    nobody: Heard


class StubDomain(msgspec.Struct, frozen=True, kw_only=True):
    """What the name servers of a pod make of the zone `inside`.

    `ours` is who our own listener says is responsible for it, empty where that was not seen; `public` is the public
    domain of the federation.
    """

    inside: str
    servers: tuple[Handing, ...]
    ours: str = ""
    public: str = "DOMAIN"


def handed(stub: StubDomain) -> Verdict:
    """Say whether each name server answers with our SOA."""
    if not stub.servers:
        return skip("no nameserver could be asked")
    for one in stub.servers:
        if not _is_ours(one.soa, stub):
            return fail(f"{one.server} answers SOA {stub.inside} {_wrong(one.soa, stub)}", _line(stub))
    return fine(f"{', '.join(one.server for one in stub.servers)}: SOA {stub.inside} is that of fedresolver")


def loops(upstream: str) -> Verdict:
    """Return that what an upstream is asked comes back to the server."""
    return fail(f"what upstream {upstream} is asked comes back", _UPSTREAM)


def stays(stub: StubDomain) -> Verdict:
    """Say whether what is handed to us is answered, and does not go round."""
    handing = [one for one in stub.servers if _is_ours(one.soa, stub)]
    if not handing:
        return skip("the stub domain is not there")
    for one in handing:
        if not isinstance(one.nobody, Reply) or one.nobody.rcode not in ("NXDOMAIN", "NOERROR"):
            what = f"a name of nobody below {stub.inside}"
            return fail(f"{one.server} answers {what} with {one.nobody.text}: it may go round", _UPSTREAM)
    return fine(f"a name of nobody below {stub.inside} is answered at once")


_SERVICE = "$(kubectl -n fedresolver get service fedresolver -o jsonpath='{.spec.clusterIP}')"
_UPSTREAM = "in the Corefile: forward . /etc/resolv.conf of a Node, or the addresses there, never the cluster's own DNS"


def _is_ours(soa: Heard, stub: StubDomain) -> bool:
    return isinstance(soa, Reply) and bool(soa.soa) and soa.soa == (stub.ours or soa.soa)


def _wrong(soa: Heard, stub: StubDomain) -> str:
    if isinstance(soa, Reply) and soa.soa:
        return f"with {soa.soa}, not {stub.ours}"
    return f"with {soa.text}" if isinstance(soa, Reply) and soa.rcode != "NOERROR" else f"not: {soa.text}"


def _line(stub: StubDomain) -> str:
    """Return what has CoreDNS hand the names on, as it is installed."""
    name, _, cluster = stub.inside.partition(".svc.")
    before = "" if cluster == CLUSTER_DOMAIN else f"CLUSTER_DOMAIN={cluster} "
    return f"{before}deploy/stub/coredns.sh {name} {stub.public} {_SERVICE}"
