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
NAMES = st.sampled_from(
    ("x.a", "y.a", "prod.x", "a.prod", "x.prod", "x.b", "none.a", "a", "prod", "b", "web.x.a", "10-9-0-1.x.a")
)
PREFIXES = st.sampled_from(("", "", "", "_http._tcp.", "_tcp.", "_ftp._tcp."))
ZONES = st.sampled_from(
    (
        "prod.svc.cluster.local",
        "prod.svc.cluster.local",
        "prod",
        "bank",
        "prod.svc.example.com",
        "bank.svc.example.com",
        "prod.svc.north.example.com",
        "prod.svc.oslo.north.example.com",
        "prod.svc.oslo.example.com",
        "bank.svc.rome.south.example.com",
        "bank.svc.north.example.com",
    )
)
OTHERS = st.one_of(
    st.sampled_from(("example.com", "north.example.com", "rome.example.com", "rome.south.example.com", "bank")),
    st.sampled_from(("ns.rome.example.com", "svc.oslo.example.com", "a.prod", "x.a.www.example.com", "example.org")),
)
TYPES = st.sampled_from(("A", "A", "A", "AAAA", "SRV", "CNAME", "ANY", "SOA", "NS", "TXT"))

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


QUESTIONS = st.one_of(st.builds(lambda *parts: parts[0] + ".".join(parts[1:]), PREFIXES, NAMES, ZONES), OTHERS)


@st.composite
def askings(draw):
    """Draw a few questions, each with transports and queries as clients may write it."""
    found = []
    for name in draw(st.lists(QUESTIONS, min_size=3, max_size=5)):
        rtype = draw(TYPES)
        found += [(draw(st.sampled_from(("udp", "tcp"))), draw(queries(name, rtype))) for _ in range(3)]
    return found


@st.composite
def queries(draw, name, rtype):
    made = dns.message.make_query(draw(st.sampled_from((name, name, name.upper()))), rtype, id=1)
    made.flags = draw(st.sampled_from((0, dns.flags.RD, dns.flags.RD | dns.flags.CD)))
    edns = draw(st.sampled_from((None, (512, 0), (1232, 0), (4096, dns.flags.DO))))
    if edns is not None:
        cookie = [dns.edns.GenericOption(10, b"12345678")] if draw(st.booleans()) else None
        made.use_edns(0, edns[1], edns[0], options=cookie)
    if draw(st.sampled_from((False,) * 7 + (True,))):
        made.use_tsig({dns.name.from_text("key."): b"secret"})
    return made


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


FIRST = "c1 in north/oslo\nc2 unlisted\nc3 in south/rome\nc3 a/y up 10.0.0.9 lb 192.0.2.9 label bank="


@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(askings(), STEPS)
def test_what_is_kept_is_as_right_as_what_is_new(asked, steps):
    with federations(COREFILE, events(FIRST), round_robin) as running:
        resolver = running.resolver()
        keeping = {transport: Listener(resolver, transport) for transport in ("udp", "tcp")}
        for step in ("", *steps):
            if isinstance(step, float):
                running.loop.advance(step)
            else:
                running.tell(events(step))
            for transport, query in asked:
                kept = running.ask(keeping[transport], query)
                new = running.ask(Listener(running.resolver(), transport), query)
                assert comparable(kept) == comparable(new), f"after {step!r}: {query.question[0]}"
                assert serial(kept) <= serial(new)
        assert running.panics == 0
