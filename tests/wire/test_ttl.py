"""Where the TTLs of a response are, and how they count down: read again by dnspython."""

import dns.message
import pytest

from fedresolver.wire.const import Type
from fedresolver.wire.name import ROOT, from_text
from fedresolver.wire.query import Edns
from fedresolver.wire.response import body, respond, turns
from fedresolver.wire.rr import RRset, Soa, addresses, cname
from fedresolver.wire.ttl import aged, places
from tests.support.request import request

WWW, OTHER, ORG = from_text("www.example.org"), from_text("a.example.net"), from_text("example.org")
SOA = RRset(ORG, Type.SOA, 7, (Soa(mname=ORG, rname=ORG, serial=1).rdata(),))
A = addresses(WWW, 300, (b"\xc0\0\2\1", b"\xc0\0\2\2"))
CHAIN = (cname(WWW, 10, OTHER), *addresses(OTHER, 2**31 - 1, (b"\xc0\0\2\1",)))
ROOT_TXT = (RRset(ROOT, Type.TXT, 60, (b"\1x",)),)
MANY = tuple(
    RRset(from_text(f"n{number}.example.org"), Type.TXT, number, (b"\xfa" + b"x" * 250,)) for number in range(90)
)


def response(sections, edns=None, text="www.example.org A"):
    query = request(text, edns=edns).query
    given = body(query, 0, sections, flags=0)
    return respond(query, given, 65535), places(query, given)


def ttls(octets):
    message = dns.message.from_wire(octets)
    return [rrset.ttl for section in message.sections[1:] for rrset in section]


@pytest.mark.parametrize("edns", [None, Edns(1232, do=True)], ids=["without EDNS", "with EDNS"])
@pytest.mark.parametrize(
    ("sections", "before", "after"),
    [
        pytest.param((A, (), ()), [300], [293], id="owners that are pointers"),
        pytest.param((CHAIN, (), ()), [10, 2**31 - 1], [3, 2**31 - 8], id="owners inside of data, the largest TTL"),
        pytest.param(((), (SOA,), ()), [7], [0], id="a denial, and none left"),
        pytest.param((A, (SOA,), ROOT_TXT), [300, 7, 60], [293, 0, 53], id="every section, the root as an owner"),
        pytest.param(((), MANY, ()), list(range(90)), [max(0, n - 7) for n in range(90)], id="beyond what pointers reach"),
        pytest.param(((), (), ()), [], [], id="no record"),
    ],
)  # fmt: skip
def test_every_ttl_counts_down_and_nothing_else_changes(sections, before, after, edns):
    octets, where = response(sections, edns)
    assert ttls(octets) == before
    later = aged(octets, where, 7)
    assert ttls(later) == after
    assert len(later) == len(octets)
    inside = {place + offset for place in where for offset in range(4)}
    assert [n for n in range(len(octets)) if octets[n] != later[n] and n not in inside] == []


def test_no_time_changes_nothing():
    octets, where = response((A, (SOA,), ()))
    assert aged(octets, where, 0) == octets


def test_each_turn_has_its_places():
    query = request().query
    given = body(query, 0, ((CHAIN[0], *addresses(OTHER, 5, (b"\1\2\3\4", b"\1\2\3\5"))), (), ()), flags=0, turns=True)
    for one in turns(given):
        assert ttls(aged(respond(query, one, 512), places(query, one), 2)) == [8, 3]
