"""Names and records in wire form: compression that every reader can follow."""

import dns.message
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedresolver.wire.codec import LARGEST, offsets, pack
from fedresolver.wire.const import Type, class_text, rcode_text, type_text
from fedresolver.wire.name import ROOT, from_labels, from_text
from fedresolver.wire.rr import RRset, Soa, addresses, srv_rdata
from tests.support.records import lines, lines_of

HEADER = bytes.fromhex("123484000001")
WWW = from_text("www.example.com")


def whole(rrsets):
    """Return a message with these RRsets as its answer, and how they were packed."""
    question = WWW + b"\0\1\0\1"
    records = pack(rrsets, offsets(WWW, 12), 12 + len(question))
    return HEADER + len(records).to_bytes(2) + bytes(4) + question + b"".join(records), records


def read_back(rrsets):
    octets, records = whole(rrsets)
    assert len(records) == sum(len(rrset.rdatas) for rrset in rrsets)
    return lines_of(dns.message.from_wire(octets, one_rr_per_rrset=True).answer)


@pytest.mark.parametrize(
    ("rrset", "size"),
    [
        pytest.param(RRset(WWW, Type.A, 60, (b"\x0a\0\0\1",)), 16, id="an owner that stands in the question"),
        pytest.param(RRset(from_text("example.com"), Type.A, 60, (b"\x0a\0\0\1",)), 16, id="a parent of it"),
        pytest.param(RRset(from_text("b.example.com"), Type.A, 60, (b"\x0a\0\0\1",)), 18, id="a sibling of it"),
        pytest.param(RRset(ROOT, Type.A, 60, (b"\x0a\0\0\1",)), 15, id="the root is never a pointer"),
        pytest.param(RRset(WWW, Type.CNAME, 60, (from_text("b.example.com"),)), 16, id="the target of a CNAME"),
        pytest.param(RRset(WWW, Type.NS, 60, (from_text("b.example.com"),)), 16, id="a name server"),
        pytest.param(RRset(WWW, Type.SRV, 60, (srv_rdata(1, 80, WWW),)), 35, id="never the target of SRV (RFC 2782)"),
        pytest.param(
            RRset(WWW, Type.SOA, 60, (Soa(mname=WWW, rname=from_text("b.example.com"), serial=1).rdata(),)),
            38,
            id="both names of an SOA",
        ),
        pytest.param(RRset(WWW, 65280, 60, (b"\xc0\x0c",)), 14, id="data of an unknown type stays as it is (RFC 3597)"),
    ],
)
def test_what_is_compressed(rrset, size):
    (record,) = whole((rrset,))[1]
    assert len(record) == size
    assert read_back((rrset,)) == lines((rrset,))


@pytest.mark.parametrize(
    "owner",
    [
        pytest.param(r"a\.b.example.com", id="a dot in a label"),
        pytest.param(r"\000.example.com", id="a zero octet as a label"),
        pytest.param(r"\255\254.example.com", id="octets that are not UTF-8"),
        pytest.param(r"a\007example\003com", id="a label that holds the octets of another name"),
        pytest.param("a" * 63 + ".example.com", id="the longest label"),
    ],
)
def test_odd_labels_survive(owner):
    rrset = RRset(from_text(owner), Type.CNAME, 60, (from_text("www." + owner),))
    assert read_back((rrset,)) == lines((rrset,))


NAMES = st.lists(st.sampled_from((b"a", b"b", b"example", b"com", b"\0", b".", b"\xff")), min_size=1, max_size=5)
RRSETS = st.lists(
    st.builds(
        lambda owner, target, kind: RRset(from_labels(tuple(owner)), kind, 60, (from_labels(tuple(target)),)),
        NAMES,
        NAMES,
        st.sampled_from((Type.CNAME, Type.NS, Type.PTR)),
    ),
    max_size=12,
)


@settings(max_examples=50, deadline=None)
@given(RRSETS)
def test_any_names_are_read_back_as_they_were(rrsets):
    assert read_back(rrsets) == lines(rrsets)


@pytest.mark.parametrize("kind", [Type.NS, Type.TXT])
@pytest.mark.parametrize("of_name", [1, 30_000], ids=["many names", "one name"])
def test_no_more_is_packed_than_a_message_could_hold(kind, of_name):
    rdatas = tuple(from_text(f"n{number}.example.com") for number in range(30_000))
    rrsets = tuple(RRset(rdatas[i], kind, 60, rdatas[i : i + of_name]) for i in range(0, len(rdatas), of_name))
    records = pack(rrsets, {}, 12)
    assert len(records) < 5000
    assert sum(map(len, records[:-1])) < LARGEST < sum(map(len, records)) + 12


def test_the_families_of_addresses_are_told_apart_by_their_size():
    packed = (b"\x0a\0\0\1", bytes(15) + b"\1", b"\x0a\0\0\2")
    assert lines(addresses(WWW, 9, packed)) == [
        "www.example.com. 9 A 10.0.0.1",
        "www.example.com. 9 A 10.0.0.2",
        "www.example.com. 9 AAAA ::1",
    ]
    assert addresses(WWW, 9, ()) == ()


def test_numbers_without_a_mnemonic_are_written_as_such():
    assert (type_text(1), type_text(65280)) == ("A", "TYPE65280")
    assert (class_text(1), class_text(9)) == ("IN", "CLASS9")
    assert (rcode_text(3), rcode_text(16), rcode_text(77)) == ("NXDOMAIN", "BADVERS", "RCODE77")
