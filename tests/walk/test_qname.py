"""What names below a federation's zones ask for, by their shape alone."""

import pytest

from fedresolver.model.service import key_text
from fedresolver.walk.federation import Federation
from fedresolver.walk.level import EVERYWHERE, Level
from fedresolver.walk.qname import Apex, InNamespace, NoShape, OfService, before, public
from fedresolver.wire.name import from_text, labels, starts, to_text
from tests.support.world import key


def described(shape):
    match shape:
        case Apex():
            return "apex"
        case InNamespace(namespace=namespace):
            return f"namespace {namespace[1:].decode()}"
        case NoShape():
            return "no shape"
        case OfService():
            parts = (key_text(shape.key), shape.port, shape.protocol and f"_{shape.protocol}", shape.endpoint)
            return " ".join(part for part in parts if part)


def shape(text, zone):
    name = from_text(f"{text}.{zone}" if text else zone)
    return name, starts(name), len(labels(name)) - len(labels(from_text(zone)))


INSIDE = [
    pytest.param("", "apex", id="the zone itself"),
    pytest.param("shop", "namespace shop", id="a namespace"),
    pytest.param("cart.shop", "shop/cart", id="a Service"),
    pytest.param("_http._tcp.cart.shop", "shop/cart http _tcp", id="a named port"),
    pytest.param("_dns._udp.cart.shop", "shop/cart dns _udp", id="of UDP"),
    pytest.param("_sig._sctp.cart.shop", "shop/cart sig _sctp", id="of SCTP"),
    pytest.param("_x._icmp.cart.shop", "no shape", id="of a protocol that no Service has"),
    pytest.param("_tcp.cart.shop", "shop/cart _tcp", id="a protocol alone"),
    pytest.param("_http.cart.shop", "no shape", id="a port without its protocol"),
    pytest.param("http._tcp.cart.shop", "no shape", id="a port without its underscore"),
    pytest.param("_http.tcp.cart.shop", "no shape", id="a protocol without its underscore"),
    pytest.param("_._tcp.cart.shop", "no shape", id="a port without a name"),
    pytest.param("10-0-0-1.cart.shop", "shop/cart 10-0-0-1", id="an endpoint by its address"),
    pytest.param("web-0.cart.shop", "shop/cart web-0", id="an endpoint by its host name"),
    pytest.param("a.b.cart.shop", "no shape", id="below an endpoint"),
    pytest.param("a._http._tcp.cart.shop", "no shape", id="below a named port"),
    pytest.param(r"\255.cart.shop", "shop/cart \\xff", id="an octet that no endpoint has"),
]


@pytest.mark.parametrize(("text", "expected"), INSIDE)
@pytest.mark.parametrize("zone", ["myfederation.svc.cluster.local", "myfederation"])
def test_before_the_zones_that_pods_ask_in(text, expected, zone):
    assert described(before(*shape(text, zone))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("svc", (), id="above all federations"),
        pytest.param("north", ("north",), id="a place"),
        pytest.param("oslo.north", ("oslo", "north"), id="a place by its long name"),
        pytest.param("svc.north", ("north",), id="svc of a place"),
        pytest.param("svc.oslo.north", ("oslo", "north"), id="svc of a place by its long name"),
    ],
)
def test_names_of_places_below_the_domain(text, expected):
    found = public(*shape(text, "example.com"))
    assert (found.place, found.federation, found.shape) == (expected, b"", Apex())


@pytest.mark.parametrize("text", ["a.b.c", "svc.a.b.c", "cart.shop.fed.north", "a.svcx.oslo.north"])
def test_names_below_the_domain_without_svc_have_no_shape(text):
    found = public(*shape(text, "example.com"))
    assert (found.federation, found.shape) == (b"", NoShape())


@pytest.mark.parametrize(("text", "expected"), INSIDE)
@pytest.mark.parametrize("place", ["", "north", "oslo.north"])
def test_federated_names_below_the_domain(text, expected, place):
    name = ".".join(part for part in (text, "fed", "svc", place) if part)
    found = public(*shape(name, "example.com"))
    assert (".".join(found.place), found.federation, described(found.shape)) == (place, b"\3fed", expected)


@pytest.mark.parametrize("text", ["svc.svc.svc.svc", "svc.svc.svc.svc.north"])
def test_services_namespaces_and_federations_may_be_called_svc(text):
    found = public(*shape(text, "example.com"))
    assert (found.federation, described(found.shape)) == (b"\3svc", "svc/svc")


def test_names_that_a_federation_gives():
    federation = Federation(
        name="MyFederation", domain=from_text("example.com"), cluster_domain=from_text("cluster.local")
    )
    assert to_text(federation.inside) == "myfederation.svc.cluster.local."
    assert to_text(federation.bare) == "myfederation."
    names = [
        to_text(federation.public_name(key("shop/cart"), level, before))
        for level, before in ((EVERYWHERE, b""), (Level("north"), b""), (Level("north", "oslo"), b"\5_http\4_tcp"))
    ]
    assert names == [
        "cart.shop.myfederation.svc.example.com.",
        "cart.shop.myfederation.svc.north.example.com.",
        "_http._tcp.cart.shop.myfederation.svc.oslo.north.example.com.",
    ]
