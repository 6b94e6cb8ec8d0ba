"""The messages of a transfer, as dnspython reads them."""

import dns.message
import dns.rdata
import dns.rdatatype
import dns.zone
import pytest

from fedresolver.plugins.transfer.messages import FULL, messages, steps, whole
from fedresolver.wire.const import Type
from fedresolver.wire.name import from_text, starts
from fedresolver.wire.query import Query
from fedresolver.wire.response import part
from fedresolver.wire.rr import RRset
from fedresolver.zone.contents import contents
from fedresolver.zone.difference import difference
from tests.support.records import lines_of
from tests.support.versions import APEX, soa, version

SOA = "z. 5 SOA ns.z. h.z. {} 7200 1800 86400 5"


def read(rrsets, apex=APEX):
    """Return the records of a stream in order, and the messages that they came in."""
    question = apex.upper() + Type.AXFR.to_bytes(2) + b"\0\1"
    query = Query(b"\1\2", 0, question, apex, starts(apex), Type.AXFR, 1, ordinary=False)
    octets = [part(query, chunk.count, chunk.octets) for chunk in messages(apex, rrsets)]
    found = [dns.message.from_wire(one, one_rr_per_rrset=True) for one in octets]
    return [line for one in found for line in lines_of(one.answer)], octets


def test_the_whole_zone_stands_between_its_soa():
    lines, _ = read(whole(version(7, ["a 60 A 192.0.2.1", "a 60 TXT x", "b.a 60 AAAA ::1"])))
    assert [line.lower() for line in lines] == [
        SOA.format(7).lower(),
        "a.z. 60 a 192.0.2.1",
        'a.z. 60 txt "x"',
        "b.a.z. 60 aaaa ::1",
        SOA.format(7).lower(),
    ]


def test_each_step_stands_between_its_soas():
    first, second, third = version(1, ["a 60 A 192.0.2.1"]), version(2, ["b 60 A 192.0.2.1"]), version(3)
    lines, _ = read(steps(soa(3), (difference(first, second), difference(second, third))))
    assert [line.lower() for line in lines] == [
        SOA.format(3).lower(),
        SOA.format(1).lower(),
        "a.z. 60 a 192.0.2.1",
        SOA.format(2).lower(),
        "b.z. 60 a 192.0.2.1",
        SOA.format(2).lower(),
        "b.z. 60 a 192.0.2.1",
        SOA.format(3).lower(),
        SOA.format(3).lower(),
    ]


def test_signatures_have_the_ttl_of_what_they_cover():
    """RFC 4034 3; those of one name are of several RRsets."""
    data = [f"{rtype} 13 2 {ttl} 20300101000000 20200101000000 1 z. AAAA" for rtype, ttl in (("A", 60), ("TXT", 300))]
    octets = tuple(dns.rdata.from_text("IN", "RRSIG", one).to_wire() for one in data)
    lines, _ = read((RRset(from_text("a.z"), Type.RRSIG, 5, octets),))
    assert lines == [f"a.Z. {ttl} RRSIG {one}" for ttl, one in zip((60, 300), data, strict=True)]


def test_messages_are_full_and_no_more():
    zone = version(1, [f"n{number} 60 TXT {'x' * 100}" for number in range(1000)])
    lines, octets = read(whole(zone))
    assert len(lines) == 1002
    assert all(FULL - 200 < len(one) < FULL + 100 for one in octets[:-1])


def test_the_root_is_a_zone_too():
    root = from_text(".")
    found = contents(root, (soa(1, root), RRset(from_text("a"), Type.A, 60, (bytes(4),))))
    lines, _ = read(whole(found), root)
    assert lines[1] == "a. 60 A 0.0.0.0"


def test_a_record_that_is_longer_than_a_message_has_one_of_its_own():
    zone = contents(APEX, (soa(1), RRset(from_text("a.z"), 65280, 60, (b"x" * 60_000, b"y"))))
    lines, octets = read(whole(zone))
    assert (len(lines), len(octets)) == (4, 3)


def test_a_record_that_no_message_holds_ends_the_stream():
    zone = contents(APEX, (soa(1), RRset(from_text("a.z"), 65280, 60, (b"x" * 65_000,))))
    with pytest.raises(ValueError, match="does not fit"):
        read(whole(zone))
