import pytest

from fedresolver.chain.handler import Chunk, Reply
from fedresolver.plugins.rrl.kind import Kind, classify
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import from_text
from fedresolver.wire.rr import RRset, Soa
from tests.support.request import records, request

ORG, SUB, ZONE = from_text("example.org"), from_text("sub.example.org"), from_text(".")
SOA = (RRset(ORG, Type.SOA, 5, (Soa(mname=ORG, rname=ORG, serial=1).rdata(),)),)
NS = (RRset(SUB, Type.NS, 5, (SUB,)),)


@pytest.mark.parametrize(
    ("reply", "kind", "name"),
    [
        pytest.param(Reply(answer=records("192.0.2.1")), Kind.RESPONSE, from_text("www.example.org"), id="records"),
        pytest.param(Reply(stream=iter([Chunk(0, b"")])), Kind.RESPONSE, from_text("www.example.org"), id="a transfer"),
        pytest.param(Reply(authority=SOA), Kind.NODATA, ORG, id="no records"),
        pytest.param(Reply(), Kind.NODATA, ZONE, id="nothing at all"),
        pytest.param(Reply(rcode=3, authority=SOA), Kind.NXDOMAIN, ORG, id="no such name"),
        pytest.param(Reply(rcode=3), Kind.NXDOMAIN, ZONE, id="no such name, and no SOA"),
        pytest.param(Reply(rcode=3, answer=records("192.0.2.1"), authority=SOA), Kind.NXDOMAIN, ORG, id="a chain to no name"),
        pytest.param(Reply(authority=NS, authoritative=False), Kind.REFERRAL, SUB, id="a referral"),
        pytest.param(Reply(authority=NS), Kind.NODATA, SUB, id="name servers beside an answer without records"),
        pytest.param(Reply(rcode=Rcode.REFUSED), Kind.ERROR, b"", id="refused"),
        pytest.param(Reply(rcode=Rcode.SERVFAIL, answer=records("192.0.2.1")), Kind.ERROR, b"", id="failed"),
        pytest.param(Reply(rcode=Rcode.BADCOOKIE), Kind.ERROR, b"", id="a bad cookie"),
    ],
)  # fmt: skip
def test_the_kind_of_an_answer_and_its_name(reply, kind, name):
    assert classify(request("www.example.org A"), reply) == (kind, name)
