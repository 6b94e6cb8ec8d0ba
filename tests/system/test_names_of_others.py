"""Names that are not the federation's, by which its answers go on: asked of a real upstream, over real sockets."""

from contextlib import contextmanager

import dns.rcode
import pytest

from tests.support.ask import addresses, ask, dig, question
from tests.support.deadline import eventually
from tests.support.dns_server import dns_server, from_zone, reply
from tests.support.manifests import put, shard
from tests.support.records import ede_of
from tests.support.running import running

COREFILE = """
.:0 {{
    bind 127.0.0.1
    errors
    federation myfederation example.com {{
        manifests members
        local c1
        topology c1 north oslo
        topology c2 south rome
    }}
    forward . {to}
}}
"""
RECORDS = """
    elb.example.org. 300 IN CNAME lb-7.example.org.
    lb-7.example.org. 60 IN A 198.51.100.1
    lb-7.example.org. 60 IN A 198.51.100.2
    lb-7.example.org. 60 IN A 127.0.0.1
    www.example.org. 300 IN CNAME host.example.org.
    host.example.org. 60 IN A 198.51.100.3
"""
CHAINS = {"elb.example.org.": "lb-7.example.org.", "www.example.org.": "host.example.org."}
CART = "cart.shop.myfederation"
WWW = "www.shop.myfederation"


def recursive(asked):
    """Answer as a recursive server does: with the whole chain."""
    name, rtype = asked.text.split()
    target = CHAINS.get(name)
    lines = [line.strip() for line in RECORDS.strip().splitlines()]
    found = [line for line in lines if line.split()[0] in (name, target) and line.split()[3] in (rtype, "CNAME")]
    soa = "example.org. 900 IN SOA ns.example.org. hm.example.org. 1 2 3 4 60"
    return reply(asked, *found, authority=() if rtype == "A" else (soa,)) if found else from_zone(RECORDS)(asked)


@contextmanager
def serving(folder, respond):
    """Give a server with one Service behind a host name, and one that is another name, and its upstream."""
    put(folder / "members", "c1", "cart.yaml", *shard("cart", ready=False))
    far, slices = shard("cart")
    far["status"]["loadBalancer"]["ingress"] = [{"hostname": "elb.example.org"}]
    put(folder / "members", "c2", "cart.yaml", far, slices)
    other = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "www", "namespace": "shop"},
        "spec": {"type": "ExternalName", "externalName": "www.example.org"},
    }
    put(folder / "members", "c1", "www.yaml", other)
    with dns_server(respond) as upstream, running(folder, COREFILE.format(to=upstream.to)) as server:
        eventually(lambda: not server.server.missing())
        yield server, upstream


@pytest.fixture
def both(tmp_path):
    with serving(tmp_path, recursive) as both:
        yield both


@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
def test_dig_gets_where_the_host_name_of_a_load_balancer_leads_to(both, transport):
    server, _ = both
    answer = dig(server.address(), transport, "+noall", "+answer", f"{CART}.svc.cluster.local", "A")
    assert sorted(" ".join(line.split()) for line in answer.splitlines()) == sorted(
        [
            f"{CART}.svc.cluster.local. 5 IN CNAME {CART}.svc.oslo.north.example.com.",
            f"{CART}.svc.oslo.north.example.com. 180 IN CNAME {CART}.svc.north.example.com.",
            f"{CART}.svc.north.example.com. 180 IN CNAME {CART}.svc.example.com.",
            f"{CART}.svc.example.com. 60 IN A 198.51.100.1",
            f"{CART}.svc.example.com. 60 IN A 198.51.100.2",
        ]
    )


@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
def test_dig_gets_where_another_name_leads_to(both, transport):
    server, _ = both
    answer = dig(server.address(), transport, "+noall", "+answer", WWW, "A")
    assert [line.split()[0] + " " + " ".join(line.split()[3:]) for line in answer.splitlines()] == [
        f"{WWW}. CNAME www.example.org.",
        "www.example.org. CNAME host.example.org.",
        "host.example.org. A 198.51.100.3",
    ]


def test_each_name_and_family_is_asked_for_once(both):
    server, upstream = both
    for _ in range(20):
        for rtype in ("A", "AAAA"):
            ask(server.address(), question(f"{CART}.svc.example.com", rtype))
            ask(server.address(), question(WWW, rtype))
    assert sorted(upstream.names()) == [
        "elb.example.org. A",
        "elb.example.org. AAAA",
        "www.example.org. A",
        "www.example.org. AAAA",
    ]


def test_a_reload_asks_nothing_again(both):
    server, upstream = both
    assert addresses(ask(server.address(), question(f"{CART}.svc.example.com"))) == {"198.51.100.1", "198.51.100.2"}
    before = len(upstream.asked)
    server.reload(server.corefile.read_text().replace("local c1", "local c1\n ttl 30"))
    response = ask(server.address(), question(f"{CART}.svc.example.com"))
    assert (addresses(response), response.answer[0].ttl) == ({"198.51.100.1", "198.51.100.2"}, 30)
    assert len(upstream.asked) == before


def test_an_upstream_that_fails_harms_nothing_else(tmp_path):
    with serving(tmp_path, lambda asked: reply(asked, rcode="SERVFAIL")) as (server, _):
        put(tmp_path / "members", "c1", "here.yaml", *shard("here"))
        eventually(lambda: addresses(ask(server.address(), question("here.shop.myfederation"))) == {"10.0.0.1"})
        response = ask(server.address(), question(f"{CART}.svc.example.com", use_edns=0))
        assert (response.rcode(), ede_of(response)) == (dns.rcode.SERVFAIL, "22")
        assert ask(server.address(), question(WWW)).rcode() == dns.rcode.SERVFAIL
