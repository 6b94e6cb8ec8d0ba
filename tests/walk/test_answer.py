"""Outcomes as records: what each kind of Service answers, locally and on the walk.

c1 is the local member, in north/oslo. An expected answer is its rcode, its records, then the additional ones after a
plus; the last line names the zone whose SOA goes with it after a minus, or where the chain goes on after an arrow, or the host names that are not resolved after a question mark.
"""

import pytest

from fedresolver.model.rules import Rules
from fedresolver.walk.answer import Question, answer, of_local_shard
from fedresolver.walk.federation import SVC, Federation
from fedresolver.walk.level import named
from fedresolver.walk.qname import before
from fedresolver.walk.walk import walk_from, walk_inside
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import Name, from_text, starts, to_text
from tests.support.records import lines, text
from tests.support.world import key, world

FEDERATION = Federation(name="fed", domain=from_text("d"), cluster_domain=from_text("c"))
F = "c1 in north/oslo\nc2 in north/bergen\nc3 in south/rome\nc4 in nowhere\n"


def question(name, qtype, store, zone, base=FEDERATION.inside):
    """Return the question for `name`, all before `zone`; a name is a Service or something before it."""
    qname = from_text(f"{name}.{to_text(zone)}")
    cut = len(name.split("."))
    return Question(
        qname=qname,
        qtype=Type[qtype],
        zone=zone if zone in (FEDERATION.inside, FEDERATION.bare) else FEDERATION.domain,
        base=base,
        asked=before(qname, starts(qname), cut),
        federation=FEDERATION,
        view=store,
    )


def inside(name, qtype, said, zone=FEDERATION.inside):
    store = world(F + said, Rules(local="c1"))
    asked = question(name, qtype, store, zone)
    return described(answer(asked, walk_inside(asked.asked.key, store), None))


def outside(name, qtype, said, place=""):
    """Ask for `name` at a place, `oslo.north`."""
    store = world(F + said, Rules(local="c1"))
    level = named(tuple(place.split(".")) if place else (), store.places)
    zone = Name(FEDERATION.label + SVC + from_text(f"{place}.d" if place else "d"))
    asked = question(name, qtype, store, zone)
    return described(answer(asked, walk_from(level, asked.asked.key, store), level))


def described(found):
    end = [f"- {to_text(found.negative)}"] if found.negative else []
    more = [f"-> {to_text(found.target)}"] if found.target else []
    more += [f"? {' '.join(found.unresolved)}"] if found.unresolved else []
    extra = [f"+ {line}" for line in lines(found.additional)]
    return [Rcode(found.rcode).name, *lines(found.answer), *extra, *end, *more]


LOCAL = "c1 shop/cart up 10.0.0.1 lb 192.0.2.1 port http/tcp/80 dns/udp/53\nc2 shop/cart up 10.0.0.2 lb 192.0.2.2"
DUAL = "c1 shop/cart up 10.0.0.1 fd00::1 lb 192.0.2.1"
HEADLESS = (
    "c1 shop/cart as headless\n"
    "c1 shop/cart slice a web-0=10.1.0.1 10.1.0.2 10.1.0.3!down port http/tcp/8080\n"
    "c1 shop/cart slice b web-0=fd00::1 port http/tcp/8080"
)


@pytest.mark.parametrize(
    ("name", "qtype", "said", "expected"),
    [
        pytest.param("cart.shop", "A", LOCAL, "NOERROR\ncart.shop.fed.svc.c. 5 A 10.0.0.1", id="the ClusterIP"),
        pytest.param(
            "cart.shop", "AAAA", DUAL, "NOERROR\ncart.shop.fed.svc.c. 5 AAAA fd00::1", id="the IPv6 ClusterIP"
        ),
        pytest.param("cart.shop", "AAAA", LOCAL, "NOERROR\n- fed.svc.c.", id="not in this family: NODATA, no walk"),
        pytest.param("cart.shop", "SRV", LOCAL, "NOERROR\n- fed.svc.c.", id="SRV of a bare name"),
        pytest.param("cart.shop", "TXT", LOCAL, "NOERROR\n- fed.svc.c.", id="another type"),
        pytest.param("cart.shop", "CNAME", LOCAL, "NOERROR\n- fed.svc.c.", id="no CNAME where there is none"),
        pytest.param("cart.shop", "ANY", DUAL, "NOERROR\ncart.shop.fed.svc.c. 5 A 10.0.0.1", id="ANY is one RRset"),
        pytest.param(
            "_http._tcp.cart.shop",
            "SRV",
            LOCAL,
            "NOERROR\n_http._tcp.cart.shop.fed.svc.c. 5 SRV 0 100 80 cart.shop.fed.svc.c.\n"
            "+ cart.shop.fed.svc.c. 5 A 10.0.0.1",
            id="a named port",
        ),
        pytest.param(
            "_dns._udp.cart.shop",
            "ANY",
            LOCAL,
            "NOERROR\n_dns._udp.cart.shop.fed.svc.c. 5 SRV 0 100 53 cart.shop.fed.svc.c.\n"
            "+ cart.shop.fed.svc.c. 5 A 10.0.0.1",
            id="ANY of a named port",
        ),
        pytest.param("_http._tcp.cart.shop", "A", LOCAL, "NOERROR\n- fed.svc.c.", id="a named port has no address"),
        pytest.param("_http._udp.cart.shop", "SRV", LOCAL, "NXDOMAIN\n- fed.svc.c.", id="of another protocol"),
        pytest.param("_ftp._tcp.cart.shop", "SRV", LOCAL, "NXDOMAIN\n- fed.svc.c.", id="a port that has no such name"),
        pytest.param("_tcp.cart.shop", "SRV", LOCAL, "NOERROR\n- fed.svc.c.", id="a protocol alone"),
        pytest.param("web-0.cart.shop", "A", LOCAL, "NXDOMAIN\n- fed.svc.c.", id="an endpoint of a ClusterIP"),
        pytest.param(
            "cart.shop",
            "A",
            HEADLESS,
            "NOERROR\ncart.shop.fed.svc.c. 5 A 10.1.0.1\ncart.shop.fed.svc.c. 5 A 10.1.0.2",
            id="headless: the ready endpoints",
        ),
        pytest.param(
            "cart.shop", "AAAA", HEADLESS, "NOERROR\ncart.shop.fed.svc.c. 5 AAAA fd00::1", id="headless, IPv6"
        ),
        pytest.param(
            "web-0.cart.shop", "A", HEADLESS, "NOERROR\nweb-0.cart.shop.fed.svc.c. 5 A 10.1.0.1", id="its host name"
        ),
        pytest.param(
            "web-0.cart.shop", "AAAA", HEADLESS, "NOERROR\nweb-0.cart.shop.fed.svc.c. 5 AAAA fd00::1", id="in IPv6"
        ),
        pytest.param(
            "10-1-0-2.cart.shop", "A", HEADLESS, "NOERROR\n10-1-0-2.cart.shop.fed.svc.c. 5 A 10.1.0.2", id="its dashes"
        ),
        pytest.param("10-1-0-2.cart.shop", "AAAA", HEADLESS, "NOERROR\n- fed.svc.c.", id="has no IPv6"),
        pytest.param("10-1-0-1.cart.shop", "A", HEADLESS, "NXDOMAIN\n- fed.svc.c.", id="a host name stands for dashes"),
        pytest.param("10-1-0-3.cart.shop", "A", HEADLESS, "NXDOMAIN\n- fed.svc.c.", id="an endpoint that is not ready"),
        pytest.param(
            "_http._tcp.cart.shop",
            "SRV",
            HEADLESS,
            "NOERROR\n"
            "_http._tcp.cart.shop.fed.svc.c. 5 SRV 0 50 8080 web-0.cart.shop.fed.svc.c.\n"
            "_http._tcp.cart.shop.fed.svc.c. 5 SRV 0 50 8080 10-1-0-2.cart.shop.fed.svc.c.\n"
            "+ web-0.cart.shop.fed.svc.c. 5 A 10.1.0.1\n"
            "+ web-0.cart.shop.fed.svc.c. 5 AAAA fd00::1\n"
            "+ 10-1-0-2.cart.shop.fed.svc.c. 5 A 10.1.0.2",
            id="headless: one SRV record per ready endpoint, with the port of its slice",
        ),
        pytest.param(
            "fd00--2.cart.shop",
            "AAAA",
            "c1 shop/cart as headless\nc1 shop/cart slice a fd00::2",
            "NOERROR\nfd00--2.cart.shop.fed.svc.c. 5 AAAA fd00::2",
            id="the dashes of an IPv6 address",
        ),
        pytest.param(
            "cart.shop",
            "A",
            "c1 shop/cart none external www.example.net",
            "NOERROR\ncart.shop.fed.svc.c. 5 CNAME www.example.net.\n-> www.example.net.",
            id="another name, to be followed",
        ),
        pytest.param(
            "cart.shop",
            "CNAME",
            "c1 shop/cart none external www.example.net",
            "NOERROR\ncart.shop.fed.svc.c. 5 CNAME www.example.net.",
            id="a question for the CNAME itself is not followed",
        ),
        pytest.param(
            "_http._tcp.cart.shop", "SRV", "c1 shop/cart none external a.b", "NXDOMAIN\n- fed.svc.c.", id="no ports"
        ),
    ],
)
def test_the_local_shard(name, qtype, said, expected):
    assert inside(name, qtype, said) == text(expected)


def test_the_bare_zone_answers_the_same_and_points_to_the_other():
    assert inside("cart.shop", "A", LOCAL, FEDERATION.bare) == ["NOERROR", "cart.shop.fed. 5 A 10.0.0.1"]
    assert inside("cart.shop", "AAAA", LOCAL, FEDERATION.bare) == ["NOERROR", "- fed."]
    assert inside("_http._tcp.cart.shop", "SRV", LOCAL, FEDERATION.bare) == [
        "NOERROR",
        "_http._tcp.cart.shop.fed. 5 SRV 0 100 80 cart.shop.fed.svc.c.",
        "+ cart.shop.fed.svc.c. 5 A 10.0.0.1",
    ]


CHAIN = """
    cart.shop.fed.svc.c. 5 CNAME cart.shop.fed.svc.oslo.north.d.
    cart.shop.fed.svc.oslo.north.d. 180 CNAME cart.shop.fed.svc.north.d.
    cart.shop.fed.svc.north.d. 180 CNAME cart.shop.fed.svc.d.
"""
REGION = "".join(CHAIN.splitlines(keepends=True)[:3])


@pytest.mark.parametrize(
    ("qtype", "said", "expected"),
    [
        pytest.param(
            "A",
            "c2 shop/cart up 10.0.0.2 lb 192.0.2.2",
            f"NOERROR\n{REGION}\ncart.shop.fed.svc.north.d. 180 A 192.0.2.2",
            id="the region",
        ),
        pytest.param(
            "A",
            "c2 shop/cart down 10.0.0.2 lb 192.0.2.2\nc3 shop/cart up 10.0.0.2 lb 192.0.2.3 192.0.2.4\n"
            "c4 shop/cart up 10.0.0.2 lb 192.0.2.4",
            f"NOERROR\n{CHAIN}\ncart.shop.fed.svc.d. 180 A 192.0.2.3\ncart.shop.fed.svc.d. 180 A 192.0.2.4",
            id="everywhere: a set of addresses",
        ),
        pytest.param(
            "AAAA",
            "c3 shop/cart up 10.0.0.2 lb 192.0.2.3 2001:db8::3",
            f"NOERROR\n{CHAIN}\ncart.shop.fed.svc.d. 180 AAAA 2001:db8::3",
            id="IPv6 stands in AAAA",
        ),
        pytest.param(
            "AAAA",
            "c2 shop/cart up 10.0.0.2 lb 192.0.2.2\nc3 shop/cart up 10.0.0.2 lb 2001:db8::3",
            f"NOERROR\n{REGION}\n- d.",
            id="not in this family: NODATA at the level that is healthy",
        ),
        pytest.param("TXT", "c2 shop/cart up 10.0.0.2 lb 192.0.2.2", f"NOERROR\n{REGION}\n- d.", id="another type"),
        pytest.param("SRV", "c2 shop/cart up 10.0.0.2 lb 192.0.2.2", f"NOERROR\n{REGION}\n- d.", id="SRV, bare"),
        pytest.param("A", "c1 shop/cart down 10.0.0.1", f"NXDOMAIN\n{CHAIN}\n- d.", id="nowhere: the whole chain"),
        pytest.param(
            "A",
            "c2 shop/cart none external www.example.net",
            f"NXDOMAIN\n{CHAIN}\n- d.",
            id="another member's other name is no shard to go to",
        ),
        pytest.param(
            "CNAME",
            "c2 shop/cart up 10.0.0.2 lb 192.0.2.2",
            "NOERROR\ncart.shop.fed.svc.c. 5 CNAME cart.shop.fed.svc.oslo.north.d.",
            id="a question for the CNAME ends there",
        ),
        pytest.param(
            "ANY",
            "c2 shop/cart up 10.0.0.2 lb 192.0.2.2",
            "NOERROR\ncart.shop.fed.svc.c. 5 CNAME cart.shop.fed.svc.oslo.north.d.",
            id="so does ANY",
        ),
        pytest.param(
            "A",
            "c2 shop/cart up 10.0.0.2 ips 198.51.100.2",
            f"NOERROR\n{REGION}\ncart.shop.fed.svc.north.d. 180 A 198.51.100.2",
            id="external addresses",
        ),
        pytest.param(
            "A",
            "c2 shop/cart up 10.0.0.2 lb elb.example.net",
            "SERVFAIL\n? elb.example.net",
            id="nothing but a host name of which nothing is known yet",
        ),
        pytest.param(
            "A",
            "c2 shop/cart up 10.0.0.2 lb elb.example.net\n= elb.example.net 60 198.51.100.1 2001:db8::1",
            f"NOERROR\n{REGION}\ncart.shop.fed.svc.north.d. 60 A 198.51.100.1",
            id="what a host name leads to, with its TTL",
        ),
        pytest.param(
            "AAAA",
            "c2 shop/cart up 10.0.0.2 lb elb.example.net\n= elb.example.net 900 198.51.100.1 2001:db8::1",
            f"NOERROR\n{REGION}\ncart.shop.fed.svc.north.d. 180 AAAA 2001:db8::1",
            id="a longer TTL than the federation's is none",
        ),
        pytest.param(
            "AAAA",
            "c2 shop/cart up 10.0.0.2 lb elb.example.net\n= elb.example.net 60 198.51.100.1",
            f"NOERROR\n{REGION}\n- d.",
            id="it leads to nothing in this family",
        ),
        pytest.param(
            "A",
            "c2 shop/cart up 10.0.0.2 lb elb.example.net\n= elb.example.net 60\nc3 shop/cart up 10.0.0.3 lb 192.0.2.3",
            f"NOERROR\n{CHAIN}\ncart.shop.fed.svc.d. 180 A 192.0.2.3",
            id="it leads nowhere: the walk goes on",
        ),
        pytest.param(
            "A",
            "c3 shop/cart up 10.0.0.3 lb elb.example.net 192.0.2.3\n= elb.example.net 60 192.0.2.3\n"
            "c4 shop/cart up 10.0.0.3 lb 192.0.2.4",
            f"NOERROR\n{CHAIN}\ncart.shop.fed.svc.d. 60 A 192.0.2.3\ncart.shop.fed.svc.d. 60 A 192.0.2.4",
            id="one set, one TTL",
        ),
        pytest.param(
            "TXT",
            "c2 shop/cart up 10.0.0.2 lb elb.example.net",
            f"NOERROR\n{REGION}\n- d.",
            id="another type needs no address",
        ),
        pytest.param(
            "A",
            "c2 shop/cart up 10.0.0.2 lb elb.example.net\nc5 in north/bergen\nc5 shop/cart up 10.0.0.3 lb 192.0.2.5",
            f"NOERROR\n{REGION}\ncart.shop.fed.svc.north.d. 180 A 192.0.2.5",
            id="a host name beside an address",
        ),
    ],
)
def test_the_walk_from_inside(qtype, said, expected):
    assert inside("cart.shop", qtype, said) == text(expected)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("", "NXDOMAIN\n- fed.svc.c.", id="known nowhere: no chain"),
        pytest.param(
            "c2 shop/cart up headless lb 192.0.2.2",
            "NXDOMAIN\n- fed.svc.c.",
            id="an endpoint of a Service that is healthy elsewhere: endpoints are local only",
        ),
    ],
)
def test_endpoints_that_are_not_here(said, expected):
    assert inside("web-0.cart.shop", "A", said) == text(expected)


def test_from_nowhere_the_walk_begins_at_the_global_name():
    store = world("c1 in nowhere\nc2 in nowhere\nc2 shop/cart up 10.0.0.2 lb 192.0.2.2", Rules(local="c1"))
    asked = question("cart.shop", "A", store, FEDERATION.inside)
    assert described(answer(asked, walk_inside(key("shop/cart"), store), None)) == [
        "NOERROR",
        "cart.shop.fed.svc.c. 5 CNAME cart.shop.fed.svc.d.",
        "cart.shop.fed.svc.d. 180 A 192.0.2.2",
    ]


EAST_AND_SOUTH = (
    "c2 shop/cart up 10.0.0.2 lb 192.0.2.2 port http/tcp/80\n"
    "c3 shop/cart up 10.0.0.3 lb 192.0.2.3 2001:db8::3 port http/tcp/80 alt/tcp/8080\n"
    "c4 shop/cart up 10.0.0.4 lb 192.0.2.4 port http/tcp/8000"
)


@pytest.mark.parametrize(
    ("place", "port", "said", "expected"),
    [
        pytest.param(
            "",
            "_http._tcp",
            EAST_AND_SOUTH,
            "NOERROR\n"
            "_http._tcp.cart.shop.fed.svc.d. 180 SRV 0 33 80 cart.shop.fed.svc.bergen.north.d.\n"
            "_http._tcp.cart.shop.fed.svc.d. 180 SRV 0 33 80 cart.shop.fed.svc.rome.south.d.\n"
            "_http._tcp.cart.shop.fed.svc.d. 180 SRV 0 33 8000 cart.shop.fed.svc.d.\n"
            "+ cart.shop.fed.svc.bergen.north.d. 180 A 192.0.2.2\n"
            "+ cart.shop.fed.svc.rome.south.d. 180 A 192.0.2.3\n"
            "+ cart.shop.fed.svc.rome.south.d. 180 AAAA 2001:db8::3\n"
            "+ cart.shop.fed.svc.d. 180 A 192.0.2.2\n"
            "+ cart.shop.fed.svc.d. 180 A 192.0.2.3\n"
            "+ cart.shop.fed.svc.d. 180 A 192.0.2.4\n"
            "+ cart.shop.fed.svc.d. 180 AAAA 2001:db8::3",
            id="one record per target and port; weights share 100; all of each target's addresses",
        ),
        pytest.param(
            "oslo.north",
            "_alt._tcp",
            EAST_AND_SOUTH,
            "NXDOMAIN\n_alt._tcp.cart.shop.fed.svc.oslo.north.d. 180 CNAME _alt._tcp.cart.shop.fed.svc.north.d.\n- d.",
            id="a port that nobody healthy at the level names, and the CNAMEs keep the prefix",
        ),
        pytest.param(
            "rome.south",
            "_http._tcp",
            "c3 shop/cart down 10.0.0.3 lb 192.0.2.3 port http/tcp/80\n" + EAST_AND_SOUTH.splitlines()[0],
            "NOERROR\n"
            "_http._tcp.cart.shop.fed.svc.rome.south.d. 180 CNAME _http._tcp.cart.shop.fed.svc.south.d.\n"
            "_http._tcp.cart.shop.fed.svc.south.d. 180 CNAME _http._tcp.cart.shop.fed.svc.d.\n"
            "_http._tcp.cart.shop.fed.svc.d. 180 SRV 0 100 80 cart.shop.fed.svc.bergen.north.d.\n"
            "+ cart.shop.fed.svc.bergen.north.d. 180 A 192.0.2.2",
            id="up the levels",
        ),
        pytest.param(
            "south",
            "_http._tcp",
            "c5 in north/bergen south/rome\nc5 shop/cart up 10.0.0.5 lb 192.0.2.5 port http/tcp/80\n" + EAST_AND_SOUTH,
            "NOERROR\n"
            "_http._tcp.cart.shop.fed.svc.south.d. 180 SRV 0 50 80 cart.shop.fed.svc.rome.south.d.\n"
            "_http._tcp.cart.shop.fed.svc.south.d. 180 SRV 0 50 80 cart.shop.fed.svc.bergen.north.d.\n"
            "+ cart.shop.fed.svc.rome.south.d. 180 A 192.0.2.3\n"
            "+ cart.shop.fed.svc.rome.south.d. 180 A 192.0.2.5\n"
            "+ cart.shop.fed.svc.rome.south.d. 180 AAAA 2001:db8::3\n"
            "+ cart.shop.fed.svc.bergen.north.d. 180 A 192.0.2.2\n"
            "+ cart.shop.fed.svc.bergen.north.d. 180 A 192.0.2.5",
            id="a shard goes by its first topology zone, and an additional RRset is whole",
        ),
        pytest.param(
            "north",
            "_http._tcp",
            "c5 in north\nc5 shop/cart up 10.0.0.5 lb 192.0.2.5 port http/tcp/80",
            "NOERROR\n_http._tcp.cart.shop.fed.svc.north.d. 180 SRV 0 100 80 cart.shop.fed.svc.north.d.\n"
            "+ cart.shop.fed.svc.north.d. 180 A 192.0.2.5",
            id="a shard that has a region alone",
        ),
    ],
)
def test_srv_on_the_walk(place, port, said, expected):
    assert outside(f"{port}.cart.shop", "SRV", said, place) == text(expected)


def test_additional_addresses_are_good_for_as_long_as_the_host_names_behind_them():
    said = "c3 shop/cart up 10.0.0.3 lb elb.x 192.0.2.3 port http/tcp/80\n= elb.x 60 192.0.2.4\n"
    assert outside("_http._tcp.cart.shop", "SRV", said) == text(
        """
        NOERROR
        _http._tcp.cart.shop.fed.svc.d. 180 SRV 0 100 80 cart.shop.fed.svc.rome.south.d.
        + cart.shop.fed.svc.rome.south.d. 60 A 192.0.2.3
        + cart.shop.fed.svc.rome.south.d. 60 A 192.0.2.4
        """
    )


def test_many_srv_records_weigh_at_least_one():
    ports = " ".join(f"http/tcp/{number}" for number in range(1, 121))
    found = outside("_http._tcp.cart.shop", "SRV", f"c4 shop/cart up 10.0.0.4 lb 192.0.2.4 port {ports}")
    assert [line.split()[4] for line in found if " SRV " in line] == ["1"] * 120


@pytest.mark.parametrize(
    ("name", "qtype", "place", "expected"),
    [
        pytest.param("cart.shop", "A", "oslo.north", "cart.shop.fed.svc.oslo.north.d. 180 A 192.0.2.1", id="long"),
        pytest.param("cart.shop", "A", "oslo", "cart.shop.fed.svc.oslo.d. 180 A 192.0.2.1", id="short: data itself"),
        pytest.param("cart.shop", "A", "south", "cart.shop.fed.svc.south.d. 180 CNAME cart.shop.fed.svc.d.", id="up"),
        pytest.param(
            "cart.shop", "A", "rome", "cart.shop.fed.svc.rome.d. 180 CNAME cart.shop.fed.svc.south.d.", id="x"
        ),
    ],
)
def test_public_names(name, qtype, place, expected):
    assert outside(name, qtype, LOCAL, place)[1] == expected


@pytest.mark.parametrize(
    ("name", "qtype", "said", "expected"),
    [
        pytest.param("cart.shop", "A", "c1 shop/cart none 10.0.0.1", "NXDOMAIN\n- d.", id="known, healthy nowhere"),
        pytest.param("cart.shop", "A", "", "NXDOMAIN\n- d.", id="known nowhere"),
        pytest.param("_tcp.cart.shop", "A", LOCAL, "NOERROR\n- d.", id="a protocol alone"),
        pytest.param("_http._tcp.cart.shop", "A", LOCAL, "NOERROR\n- d.", id="a named port has no address"),
        pytest.param("_ftp._tcp.cart.shop", "SRV", LOCAL, "NXDOMAIN\n- d.", id="a port that has no such name"),
        pytest.param("cart.shop", "AAAA", LOCAL, "NOERROR\n- d.", id="not in this family"),
        pytest.param(
            "cart.shop",
            "ANY",
            "c1 shop/cart up 10.0.0.1 lb 2001:db8::1 192.0.2.1",
            "NOERROR\ncart.shop.fed.svc.d. 180 A 192.0.2.1",
            id="ANY is one RRset",
        ),
    ],
)
def test_the_global_name(name, qtype, said, expected):
    assert outside(name, qtype, said) == text(expected)


@pytest.mark.parametrize(
    ("qtype", "said", "expected"),
    [
        pytest.param("A", "c1 shop/cart none 10.0.0.1", "NOERROR\ncart.shop.svc.c. 5 A 10.0.0.1", id="no endpoint"),
        pytest.param("A", "c1 shop/cart none headless", "NXDOMAIN\n- fed.svc.c.", id="headless without an endpoint"),
        pytest.param("AAAA", "c1 shop/cart none 10.0.0.1", "NOERROR\n- fed.svc.c.", id="not in this family"),
    ],
)
def test_an_ordinary_service_answers_as_kubernetes_has_it(qtype, said, expected):
    store = world(F + said, Rules(local="c1"))
    qname = from_text("cart.shop.svc.c")
    asked = Question(
        qname=qname,
        qtype=Type[qtype],
        zone=FEDERATION.inside,
        base=from_text("svc.c"),
        asked=before(qname, starts(qname), 2),
        federation=FEDERATION,
        view=store,
    )
    assert described(of_local_shard(asked, store.local_shard(key("shop/cart")))) == text(expected)


def test_not_listed_yet_is_a_failure_without_a_word():
    store = world("c1 unlisted", Rules(local="c1"))
    asked = question("cart.shop", "A", store, FEDERATION.inside)
    assert described(answer(asked, walk_inside(key("shop/cart"), store), None)) == ["SERVFAIL"]


def test_a_name_that_no_name_is_is_a_failure():
    assert inside("cart.shop", "A", f"c1 shop/cart none external {'a' * 64}.b") == ["SERVFAIL"]
