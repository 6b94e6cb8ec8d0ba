"""One reply that denies many names: what each of them gets on the wire, the first time and again."""

import pytest

from fedresolver.chain.handler import Reply
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import from_text
from fedresolver.wire.rr import RRset, Soa
from tests.support.ask import ask, over_udp, question, raw
from tests.support.listening import listening
from tests.support.records import lines, lines_of
from tests.support.request import answering

SOA = RRset(
    from_text("example.org"),
    Type.SOA,
    60,
    (Soa(mname=from_text("ns.example.org"), rname=from_text("h.example.org"), serial=7).rdata(),),
)
SERVERS = RRset(from_text("example.org"), Type.NS, 60, (from_text("x.example.org"),))
GLUE = RRset(from_text("x.example.org"), Type.A, 60, (b"\xc0\0\2\1",))
NAMES = [
    "a.example.org",
    "b.example.org",
    "a.b.c.example.org",
    "x.example.org",
    "example.org",
    "A.eXample.org",
    "other.net",
]


@pytest.fixture(params=["NXDOMAIN", "NODATA", "REFERRAL", "REFUSED"])
def reply(request):
    match request.param:
        case "NXDOMAIN":
            return Reply(rcode=Rcode.NXDOMAIN, authority=(SOA,), cell=[True])
        case "NODATA":
            return Reply(authority=(SOA,), cell=[True])
        case "REFERRAL":
            return Reply(authority=(SERVERS,), additional=(GLUE,), authoritative=False, cell=[True])
    return Reply(rcode=Rcode.REFUSED, authoritative=False, cell=[True])


@pytest.mark.parametrize("edns", [False, True], ids=["plain", "edns"])
def test_each_name_is_denied_in_full(reply, edns):
    with listening(answering(reply)) as server:
        for name in NAMES * 4:
            found = ask(server.address, question(name, use_edns=edns))
            assert (found.rcode(), found.answer) == (reply.rcode, [])
            for section, expected in ((found.authority, reply.authority), (found.additional, reply.additional)):
                assert [line.replace("X", "x") for line in lines_of(section)] == lines(expected)  # X is the question's


def test_octets_of_the_zone_within_a_label_are_not_its_name():
    apex = from_text("example.org")
    below, apart = b"\1a" + apex, b"\x0dx" + apex
    assert len(below) == len(apart)
    reply = Reply(rcode=Rcode.NXDOMAIN, authority=(SOA,), cell=[True])
    with listening(answering(reply)) as server:
        first, other = (over_udp(server.address, raw(name)) for name in (below, apart))
    assert first.count(apex) == 1  # in the question, to which its SOA points
    assert other.count(apex) == 2  # in the question by chance, and in full in its SOA
