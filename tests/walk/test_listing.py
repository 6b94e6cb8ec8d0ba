"""Which names of a Service there are, and what they have. That they have what is answered, tests/plugins/federation holds."""

import pytest

from fedresolver.walk.federation import Federation
from fedresolver.walk.level import EVERYWHERE, Level
from fedresolver.walk.listing import levels, listing
from fedresolver.wire.name import from_text, to_text
from tests.support.records import lines
from tests.support.world import key, places, world

FEDERATION = Federation(name="fed", domain=from_text("d"), cluster_domain=from_text("c"))
F = "c1 in north/oslo\nc2 in south/rome\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "global", id="no place"),
        pytest.param("north", "global, region north", id="a region alone"),
        pytest.param("north/oslo", "global, region north, zone oslo of north, zone oslo", id="both forms"),
        pytest.param(
            "north/oslo south/oslo",
            "global, region north, region south, zone oslo of north, zone oslo of south, zone oslo",
            id="one name in two regions",
        ),
        pytest.param(
            "north/oslo oslo/x",
            "global, region north, region oslo, zone oslo of north, zone x of oslo, zone x",
            id="called like a region, which has the short name",
        ),
    ],
)
def test_every_level_that_has_a_name(text, expected):
    assert ", ".join(map(described, levels(places(text)))) == expected


def described(level):
    return f"{level.text()} of {level.region}" if level.topology_zone and level.region else level.text()


def of(said, level, service="shop/cart"):
    store = world(F + said)
    return {
        to_text(found.owner): "unresolved" if found.unresolved else lines(found.rrsets)
        for found in listing(key(service), level, FEDERATION, store)
    }


CART = "cart.shop.fed.svc"


@pytest.mark.parametrize(
    ("said", "level", "expected"),
    [
        pytest.param("", EVERYWHERE, {}, id="a Service that is known nowhere"),
        pytest.param("c1 shop/cart down 10.0.0.1", EVERYWHERE, {f"{CART}.d.": []}, id="healthy nowhere, globally"),
        pytest.param(
            "c1 shop/cart down 10.0.0.1",
            Level("north"),
            {f"{CART}.north.d.": [f"{CART}.north.d. 180 CNAME {CART}.d."]},
            id="healthy nowhere, in a region",
        ),
        pytest.param(
            "c1 shop/cart up 10.0.0.1 lb 192.0.2.1 2001:db8::1",
            Level("north", "oslo"),
            {
                f"{CART}.oslo.north.d.": [
                    f"{CART}.oslo.north.d. 180 A 192.0.2.1",
                    f"{CART}.oslo.north.d. 180 AAAA 2001:db8::1",
                ]
            },
            id="both families",
        ),
        pytest.param(
            "c1 shop/cart up 10.0.0.1 lb elb.example", EVERYWHERE, {f"{CART}.d.": "unresolved"}, id="a host name"
        ),
        pytest.param("c1 shop/cart up 10.0.0.1 lb 192.0.2.1\nc3 unlisted", Level("south"), {}, id="not known yet"),
        pytest.param(
            "c1 shop/cart up 10.0.0.1 lb 192.0.2.1\nc2 shop/cart down 10.0.0.2 port http/tcp/80",
            Level("south"),
            {
                f"{CART}.south.d.": [f"{CART}.south.d. 180 CNAME {CART}.d."],
                f"_http._tcp.{CART}.south.d.": [f"_http._tcp.{CART}.south.d. 180 CNAME _http._tcp.{CART}.d."],
            },
            id="a port that only a shard names which is not healthy",
        ),
    ],
)
def test_what_the_names_of_a_service_have(said, level, expected):
    assert of(said, level) == expected


@pytest.mark.parametrize(("port", "expected"), [("p" * 30, [204]), ("p" * 44, [204])])
def test_names_that_nobody_can_ask_for_are_left_out(port, expected):
    """Of 204 octets without a port; the target of its SRV records, in a topology zone, has more than 255."""
    federation = Federation(name="x" * 63, domain=from_text(f"{'x' * 63}.{'y' * 60}"), cluster_domain=from_text("c"))
    store = world(f"c1 in {'r' * 30}/{'z' * 30}\nc1 shop/cart up 10.0.0.1 lb 192.0.2.1 port {port}/tcp/80")
    found = [one for one in listing(key("shop/cart"), EVERYWHERE, federation, store) if one.rrsets]
    assert [len(one.owner) for one in found] == expected
