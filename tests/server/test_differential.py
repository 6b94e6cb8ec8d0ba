"""Nothing that is kept may be wrong: a resolver that keeps everything against one that has just begun.

Two federations share a domain, one is called like a local namespace. Members come, go, turn stale and change what they
have; after each change the same questions are asked of both. Only what is allowed to be a little old may differ: the
serial of a negative answer and the age of stale evidence; and the order of the addresses, which take turns.
"""

import re

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fedresolver.plugins.loadbalance.handler import round_robin
from tests.support.federation import Listener, federations
from tests.support.records import ede_of, lines_of
from tests.support.world import events

COREFILE = """
federation prod example.com {
    manifests .
    local c1
    topology c3 south rome
    fallthrough prod www.example.com
    startup_timeout 8s
    explain all
    ns ns.rome.example.com 192.0.2.53
}
federation bank example.com {
    manifests .
    select labels bank
    member c2 {
        namespaces a
    }
}
"""

MEMBERS = st.sampled_from(("c1", "c2", "c3"))
SERVICES = st.sampled_from(("a/x", "a/y", "x/prod", "prod/a", "prod/x", "b/x"))

BEFORE = ("x.a", "y.a", "prod.x", "a.prod", "x.prod", "none.a", "a", "prod", "web.x.a", "_http._tcp.x.a", "_tcp.y.a")
ZONES = (
    "prod.svc.cluster.local",
    "prod",
    "bank",
    "prod.svc.example.com",
    "bank.svc.example.com",
    "prod.svc.north.example.com",
    "prod.svc.oslo.north.example.com",
    "bank.svc.rome.example.com",
)
OTHERS = (
    "example.com north.example.com rome.example.com rome.south.example.com ns.rome.example.com svc.oslo.example.com"
)
NAMES = (*(f"{before}.{zone}" for zone in ZONES for before in BEFORE), *OTHERS.split(), "a.prod", "x.a.www.example.com")


KINDS = st.one_of(
    st.sampled_from(("up 10.0.0.1 fd00::1 lb 192.0.2.1 192.0.2.2 port http/tcp/80", "down 10.0.0.1", "gone")),
    st.sampled_from(
        ("2/3 10.0.0.2 lb 192.0.2.3 2001:db8::3 port http/tcp/81 label bank=", "up headless port http/tcp/82")
    ),
    st.sampled_from(("slice s web=10.1.0.1 10.1.0.2!draining", "slice s gone", "up 10.0.0.1 lb elb.example.net")),
    st.sampled_from(("none external x.a.prod", "none external prod.x.bank", "none external y.a.prod.svc.example.com")),
    st.integers(1, 120).map(
        lambda count: "up 10.0.0.1 label bank= lb " + " ".join(f"198.51.100.{number}" for number in range(count))
    ),
)
SERVICE_LINES = st.builds(lambda *words: " ".join(words), MEMBERS, SERVICES, KINDS)
MEMBER_LINES = st.builds(
    lambda *words: " ".join(words),
    MEMBERS,
    st.one_of(
        st.sampled_from(
            ("listed", "stale 0", "leaves", "unlisted", "failed x", "namespace prod", "namespace prod gone")
        ),
        st.sampled_from(("in north/oslo", "in south/north", "in nowhere", "node node-0 north/bergen")),
    ),
)
LINES = st.one_of(SERVICE_LINES, SERVICE_LINES, MEMBER_LINES)
STEPS = st.lists(
    st.one_of(
        st.lists(LINES, min_size=1, max_size=3).map("\n".join),
        st.sampled_from((0.5, 1.0, 3.0, 6.0)),
    ),
    min_size=3,
    max_size=8,
)


def query(name, rtype, edns=None, flags=dns.flags.RD, signed=False, cookie=False):
    """Return the octets of a query; `edns` is the size and the EDNS flags."""
    made = dns.message.make_query(name, rtype, id=1, use_edns=False)
    made.flags = flags
    if edns is not None:
        options = [dns.edns.GenericOption(10, b"12345678")] if cookie else None
        made.use_edns(0, edns[1], edns[0], options=options)
    if signed:
        made.use_tsig({dns.name.from_text("key."): b"secret"})
    return made.to_wire()


def catalogue():
    """Yield transports and queries: every name for addresses, some also in other ways."""
    for number, name in enumerate(NAMES):
        yield "udp", query(name, "SRV" if name.startswith("_http") else "A", (1232, 0))
        rtype = ("AAAA", "ANY", "CNAME", "SOA", "A", "SRV", "NS")[number % 7]
        yield ("tcp", "udp")[number % 2], query(name, rtype, (None, (512, 0), (4096, dns.flags.DO))[number % 3])
    for name in NAMES[::5]:
        yield "udp", query(name.upper(), "A")
        yield "udp", query(name, "A", flags=dns.flags.CD)
        yield "tcp", query(name, "A", (1232, 0), signed=True)
        yield "udp", query(name, "A", (1232, 0), cookie=True)


QUERIES = tuple(catalogue())


def comparable(response):
    """Return what must be equal."""
    truncated = bool(response.flags & dns.flags.TC)
    answer = lines_of(response.answer)
    ede = ede_of(response)
    return (
        dns.flags.to_text(response.flags),
        response.rcode(),
        response.question,
        len(answer) if truncated else sorted(answer),
        sorted(lines_of(response.additional)),
        [(rrset.name, rrset.ttl, rrset.rdtype, rrset[0].mname) for rrset in response.authority],
        (response.edns, response.payload, response.ednsflags, ede and re.sub(r"\d+s ", "", ede)),
    )


def serial(response):
    return [rrset[0].serial for rrset in response.authority]


def same(octets, others):
    """Say whether two responses differ in nothing but what may."""
    if octets == others:
        return True
    kept, new = (dns.message.from_wire(one, False, raise_on_truncation=False) for one in (octets, others))
    return comparable(kept) == comparable(new) and serial(kept) <= serial(new)


def wrong(running, keeping):
    """Return the queries to which what is kept is not the answer, or not one of the answers, that a new one gets."""
    return [
        (transport, octets)
        for transport, octets in QUERIES
        if not same(keeping[transport].ask(octets), Listener(running.resolver(), transport).ask(octets))
    ]


FIRST = "c1 in north/oslo\nc2 unlisted\nc3 in south/rome\nc3 a/y up 10.0.0.9 lb 192.0.2.9 label bank="


@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_what_is_kept_is_as_right_as_what_is_new(steps):
    with federations(COREFILE, events(FIRST), round_robin) as running:
        resolver = running.resolver()
        keeping = {transport: Listener(resolver, transport) for transport in ("udp", "tcp")}
        for step in ("", *steps):
            if isinstance(step, float):
                running.loop.advance(step)
            else:
                running.tell(events(step))
            assert running.run(lambda: wrong(running, keeping)) == [], f"after {step!r}"
        assert running.panics == 0
