"""How long an HTTP cache may keep a response (RFC 8484 5.1)."""

import dns.message
import pytest

from fedresolver.wire.freshness import freshness


def response(*sections, flags="QR", rcode="NOERROR", question="www.example.org. IN A"):
    """Return the octets of a response whose sections are given as text."""
    lines = [f"id 1\nopcode QUERY\nrcode {rcode}\nflags {flags}\nedns 0\npayload 1232\n;QUESTION\n{question}"]
    names = ("ANSWER", "AUTHORITY", "ADDITIONAL")
    lines += [f";{name}\n{text}" for name, text in zip(names, sections, strict=False) if text]
    return dns.message.from_text("\n".join(lines), origin=None, relativize=False).to_wire()


A = "www.example.org. {} IN A 192.0.2.1"
NS = "example.org. 5 IN NS ns1.example.org."


def soa(ttl, minimum):
    return f"example.org. {ttl} IN SOA ns1.example.org. hostmaster.example.org. 1 7200 1800 86400 {minimum}"


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        pytest.param(response(A.format(60)), 60, id="one record"),
        pytest.param(response(A.format(0)), 0, id="TTL 0"),
        pytest.param(
            response("www.example.org. 60 IN CNAME a.example.net.\na.example.net. 30 IN A 192.0.2.1"), 30, id="chain"
        ),
        pytest.param(response(A.format(60), NS, "ns1.example.org. 3 IN A 192.0.2.1"), 60, id="other sections"),
        pytest.param(response("", soa(300, 5), rcode="NXDOMAIN"), 5, id="NXDOMAIN"),
        pytest.param(response("", soa(4, 300)), 4, id="NODATA"),
        pytest.param(
            response("www.example.org. 3 IN CNAME a.example.org.", soa(300, 5), rcode="NXDOMAIN"),
            3,
            id="chain to NXDOMAIN",
        ),
        pytest.param(response("www.example.org. 60 IN CNAME a.example.org.", soa(300, 5)), 5, id="chain to NODATA"),
        pytest.param(response("", NS), 0, id="referral"),
        pytest.param(response(), 0, id="nothing"),
        pytest.param(response(A.format(60), rcode="SERVFAIL"), 0, id="SERVFAIL"),
        pytest.param(response(rcode="REFUSED"), 0, id="REFUSED"),
        pytest.param(response(A.format(60), flags="QR TC"), 0, id="truncated"),
        pytest.param(b"\0\1\x80\1" + bytes(8), 0, id="no question"),
        pytest.param(response(". 7 IN NS a.root-servers.net.", question=". IN NS"), 7, id="root"),
    ],
)
def test_freshness(octets, expected):
    assert freshness(octets) == expected
