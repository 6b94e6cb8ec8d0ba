import pytest

from fedresolver.chain.handler import REFUSED
from fedresolver.wire.const import Rcode
from fedresolver.wire.name import from_text
from tests.support.records import lines
from tests.support.request import answering, ask, request
from tests.support.setup import plugin

LINES = """
    192.0.2.1 www.example.org localhost
    192.0.2.2 www.example.org
    2001:db8::1 v6.example.org
    192.0.2.3 www.example.net
"""
SOA = "nobody.invalid. 1 7200 1800 86400 5"
PASSED = "passed on"
NXDOMAIN, NODATA = "NXDOMAIN", "NODATA"
WWW = ["www.example.org. 3600 A 192.0.2.1", "www.example.org. 3600 A 192.0.2.2"]


def denied(rcode, zone):
    return [rcode, f"{zone} 5 SOA {zone} {SOA}"]


def asked(question, rest="", arguments="", zones=(".",)):
    """Return the records of the answer, or how it is denied, or that the question was passed on."""
    made = plugin(f"hosts nowhere {arguments} {{\n{LINES}\n{rest}\n}}", zones=tuple(map(from_text, zones)))
    reply = ask(made.wrap(answering(REFUSED)), request(question))
    if reply is REFUSED:
        return PASSED
    assert reply.authoritative
    assert reply.plugin == "hosts"
    assert reply.cell == [True]
    if reply.answer:
        assert (reply.rcode, reply.authority) == (Rcode.NOERROR, ())
        return lines(reply.answer)
    return [NXDOMAIN if reply.rcode == Rcode.NXDOMAIN else NODATA, *lines(reply.authority)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("www.example.org A", WWW),
        ("WWW.Example.ORG A", WWW),
        ("localhost A", ["localhost. 3600 A 192.0.2.1"]),
        ("v6.example.org AAAA", ["v6.example.org. 3600 AAAA 2001:db8::1"]),
        ("www.example.org ANY", WWW),
        (
            "1.2.0.192.in-addr.arpa PTR",
            [
                "1.2.0.192.in-addr.arpa. 3600 PTR www.example.org.",
                "1.2.0.192.in-addr.arpa. 3600 PTR localhost.",
            ],
        ),
    ],
)
@pytest.mark.parametrize("rest", ["", "fallthrough"])
def test_what_the_file_has(question, expected, rest):
    assert asked(question, rest) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("www.example.org AAAA", denied(NODATA, "."), id="a name without this type"),
        pytest.param("www.example.org MX", denied(NODATA, "."), id="a type that no file has"),
        pytest.param("nobody.example.org A", denied(NXDOMAIN, "."), id="a name that is not there"),
        pytest.param("a.www.example.org A", denied(NXDOMAIN, "."), id="below a name that is there"),
        pytest.param("example.org A", denied(NODATA, "."), id="above a name that is there"),
        pytest.param(". NS", denied(NODATA, "."), id="the zone exists"),
        pytest.param(". SOA", [f". 5 SOA . {SOA}"], id="the zone has an SOA"),
        pytest.param("9.2.0.192.in-addr.arpa PTR", PASSED, id="the root denies no addresses"),
        pytest.param("9.2.0.192.in-addr.arpa A", PASSED, id="whatever type is asked for"),
        pytest.param("in-addr.arpa NS", PASSED, id="nor the tree itself"),
        pytest.param("1.2.0.192.in-addr.arpa A", denied(NODATA, "1.2.0.192.in-addr.arpa."), id="but a name of ours"),
    ],
)
def test_without_fallthrough_it_denies_what_the_file_does_not_have(question, expected):
    assert asked(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("www.example.org AAAA", denied(NODATA, "www.example.org."), id="a name without this type"),
        pytest.param("www.example.org SOA", [f"www.example.org. 5 SOA www.example.org. {SOA}"], id="its own zone"),
        pytest.param("nobody.example.org A", PASSED, id="a name that is not there"),
        pytest.param("example.org A", PASSED, id="above a name that is there"),
        pytest.param("9.2.0.192.in-addr.arpa PTR", PASSED, id="an address that is not there"),
    ],
)
def test_with_fallthrough_others_are_asked_for_what_the_file_does_not_have(question, expected):
    assert asked(question, "fallthrough") == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("nobody.example.org A", PASSED, id="in its zones"),
        pytest.param("nobody.example.net A", denied(NXDOMAIN, "."), id="outside"),
    ],
)
def test_fallthrough_for_some_zones(question, expected):
    assert asked(question, "fallthrough example.org 192.0.2.0/24") == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("www.example.org A", WWW, id="a name in them"),
        pytest.param("nobody.example.org A", denied(NXDOMAIN, "example.org."), id="none in them"),
        pytest.param("example.org SOA", [f"example.org. 5 SOA example.org. {SOA}"], id="one itself"),
        pytest.param("www.example.net A", PASSED, id="a name outside, though the file has it"),
        pytest.param("localhost A", PASSED, id="localhost is outside too"),
        pytest.param(
            "1.2.0.192.in-addr.arpa PTR",
            ["1.2.0.192.in-addr.arpa. 3600 PTR www.example.org."],
            id="an address of a name in them",
        ),
        pytest.param("3.2.0.192.in-addr.arpa PTR", PASSED, id="an address of names outside"),
    ],
)
@pytest.mark.parametrize(
    ("arguments", "zones"),
    [
        pytest.param("example.org", ["."], id="zones of the stanza"),
        pytest.param("", ["example.org"], id="zones of the block"),
    ],
)
def test_zones(question, expected, arguments, zones):
    assert asked(question, "", arguments, zones) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param(
            "3.2.0.192.in-addr.arpa PTR", ["3.2.0.192.in-addr.arpa. 3600 PTR www.example.net."], id="an address"
        ),
        pytest.param("9.2.0.192.in-addr.arpa PTR", denied(NXDOMAIN, "2.0.192.in-addr.arpa."), id="none"),
        pytest.param("9.9.0.192.in-addr.arpa PTR", PASSED, id="outside"),
    ],
)
def test_a_reverse_zone_that_is_named_is_ours(question, expected):
    assert asked(question, "", "192.0.2.0/24 example.net") == expected


def test_without_reverse_no_address_is_ours():
    assert asked("1.2.0.192.in-addr.arpa PTR", "no_reverse") == PASSED


def test_the_ttl():
    assert asked("localhost A", "ttl 60") == ["localhost. 60 A 192.0.2.1"]
