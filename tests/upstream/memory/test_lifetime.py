"""What may be kept of a reply, and for how long: from the text of replies to the text of what is kept."""

import pytest

from fedresolver.upstream.memory.keeping import Share
from fedresolver.upstream.memory.lifetime import Kind, bounded, kind_of, octets, sections_after
from tests.support.foreign import reply, told
from tests.support.request import request

SOA = "example.org {} SOA ns.example.org admin.example.org 1 2 3 4 {}"
CHAIN = "www.example.org 10 CNAME x.example.org"


@pytest.mark.parametrize(
    ("question", "text", "kind"),
    [
        pytest.param("A", "www.example.org 5 A 192.0.2.1", Kind.SUCCESS, id="an answer"),
        pytest.param("A", CHAIN + "; x.example.org 5 A 192.0.2.1", Kind.SUCCESS, id="an answer after a CNAME"),
        pytest.param("CNAME", CHAIN, Kind.SUCCESS, id="a CNAME that was asked for"),
        pytest.param("ANY", CHAIN, Kind.SUCCESS, id="anything"),
        pytest.param("A", "/" + SOA.format(5, 5), Kind.DENIAL, id="NODATA"),
        pytest.param("A", CHAIN + "/" + SOA.format(5, 5), Kind.DENIAL, id="NODATA after a CNAME"),
        pytest.param("A", "NXDOMAIN /" + SOA.format(5, 5), Kind.DENIAL, id="NXDOMAIN"),
        pytest.param("A", "NXDOMAIN " + CHAIN + "/" + SOA.format(5, 5), Kind.DENIAL, id="NXDOMAIN after a CNAME"),
        pytest.param("A", CHAIN, None, id="a CNAME that leads nowhere"),
        pytest.param("A", "", None, id="NODATA without SOA"),
        pytest.param("A", "NXDOMAIN ", None, id="NXDOMAIN without SOA"),
        pytest.param("A", "/ example.org 5 NS ns.example.org", None, id="a referral"),
        pytest.param("A", "REFUSED /" + SOA.format(5, 5), None, id="REFUSED"),
        pytest.param("A", "SERVFAIL /" + SOA.format(5, 5), None, id="SERVFAIL"),
    ],
)
def test_kinds(question, text, kind):
    assert kind_of(request(f"www.example.org {question}").query, reply(text)) is kind


@pytest.mark.parametrize(
    ("text", "share", "kept", "seconds"),
    [
        pytest.param("a.org 5 A 192.0.2.1", Share(most=60), "A 5 192.0.2.1", 5, id="as it is"),
        pytest.param("a.org 500 A 192.0.2.1", Share(most=60), "A 60 192.0.2.1", 60, id="the most"),
        pytest.param("a.org 0 A 192.0.2.1", Share(most=60), "A 0 192.0.2.1", 0, id="TTL 0"),
        pytest.param("a.org 0 A 192.0.2.1", Share(most=60, least=7), "A 7 192.0.2.1", 7, id="the least"),
        pytest.param(
            "a.org 9 CNAME b.org; b.org 5 A 192.0.2.1", Share(most=60), "CNAME 9 b.org., A 5 192.0.2.1", 5, id="a chain"
        ),
        pytest.param("a.org 5 CNAME b.org; b.org 90 A 192.0.2.1", Share(most=60), "CNAME 5 b.org., A 60 192.0.2.1", 5, id="each record"),
        pytest.param("a.org 9 A 192.0.2.1 / org 3 NSEC x.org A", Share(most=60), "A 9 192.0.2.1, NSEC 3", 3, id="a proof"),
        pytest.param("NXDOMAIN /" + SOA.format(9, 4), Share(most=60), "NXDOMAIN, SOA 4", 4, id="MINIMUM"),
        pytest.param("NXDOMAIN /" + SOA.format(4, 9), Share(most=60), "NXDOMAIN, SOA 4", 4, id="TTL of the SOA"),
        pytest.param("NXDOMAIN /" + SOA.format(90, 90), Share(most=60), "NXDOMAIN, SOA 60", 60, id="the most of denials"),
        pytest.param("/" + SOA.format(90, 0), Share(most=60), "SOA 0", 0, id="MINIMUM 0"),
        pytest.param(f"NXDOMAIN {CHAIN} /" + SOA.format(20, 20), Share(most=60), "NXDOMAIN, CNAME 10 x.example.org., SOA 20", 10, id="a chain to NXDOMAIN"),
    ],
)  # fmt: skip
def test_how_long(text, share, kept, seconds):
    given = reply(text)
    kind = Kind.DENIAL if "SOA" in text else Kind.SUCCESS
    limited, found = bounded(given, kind, share)
    assert (told(limited), found) == (kept, seconds)


def test_later_no_ttl_is_below_zero():
    given = reply("a.org 9 A 192.0.2.1 / org 3 NSEC x.org A")
    assert [[rrset.ttl for rrset in section] for section in sections_after(given, 5)] == [[4], [0], []]


def test_octets_grow_with_records_and_their_data():
    one, two, long = (
        octets(reply(text)) for text in ("a.org 5 TXT x", "a.org 5 TXT x | y", "a.org 5 TXT " + "x" * 200)
    )
    assert one < two < long
    assert long - one == 199
