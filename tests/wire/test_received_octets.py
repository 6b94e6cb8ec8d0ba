"""Responses that no honest server sends: each is refused in words, and none is ever taken for "no such data".

RFC 1035 3.2.1, 4.1.3 and 4.1.4, RFC 2308 2.2, RFC 3597 4, RFC 6891 6.1.
"""

import struct

import dns.message
import dns.name
import dns.rdata
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fedresolver.wire.received import Received, ResponseError, read_response
from tests.support.upstream_text import query, response

QNAME = b"\3www\7example\3com\0"
OWNER = b"\xc0\x0c"
AFTER = 12 + len(QNAME) + 4
"""Where the first record begins."""
OPT = b"\0\0\x29\x04\xd0\0\0\0\0\0\0"


def record(rtype, data, owner=OWNER, rclass=1, ttl=60, length=None):
    size = len(data) if length is None else length
    return owner + struct.pack("!2HIH", rtype, rclass, ttl, size) + data


def message(answer=(), authority=(), additional=(), *, qtype=1, flags=0x8180, counts=None, rest=b""):
    sections = (answer, authority, additional)
    numbers = counts or tuple(len(section) for section in sections)
    records = b"".join(b"".join(section) for section in sections)
    return struct.pack("!6H", 0x1234, flags, 1, *numbers) + QNAME + struct.pack("!2H", qtype, 1) + records + rest


def pointer(offset):
    return struct.pack("!H", 0xC000 | offset)


A = record(1, b"\xc0\0\2\1")
SOA = b"\0\0" + bytes(20)


def of_type(rtype, data, **more):
    return message([record(rtype, data, **more)], qtype=rtype), rtype


def read(octets, qtype=1, do=False):
    return read_response(octets, query(f"www.example.com. TYPE{qtype}", do))


HOPS = [record(99, b"", owner=pointer(AFTER + 12 * number - 12) if number else OWNER) for number in range(20)]
"""Records whose owner is a pointer to the owner of the record before, and that is never read."""


@pytest.mark.parametrize(
    ("octets", "qtype", "why"),
    [
        pytest.param(b"", 1, "ends too early", id="nothing"),
        pytest.param(message()[:11], 1, "ends too early", id="half a header"),
        pytest.param(message()[:12], 1, "another question", id="a header alone"),
        pytest.param(message(qtype=28), 1, "another question", id="another type in the question"),
        pytest.param(message([A]).replace(b"\x81\x80\0\1", b"\x81\x80\0\2"), 1, "one question", id="two questions"),
        pytest.param(message(flags=0x8380), 1, "truncated", id="TC"),
        pytest.param(message(counts=(1, 0, 0)), 1, "ends too early", id="an answer that is counted but not there"),
        pytest.param(message(counts=(0, 1, 0)), 1, "ends too early", id="an authority record that is not there"),
        pytest.param(message(counts=(0, 0, 1)), 1, "ends too early", id="an additional record that is not there"),
        pytest.param(message([A], counts=(2, 0, 0)), 1, "ends too early", id="one of two answers"),
        pytest.param(message([A])[:-1], 1, "beyond the message", id="an address that is cut off"),
        pytest.param(message([A])[:-5], 1, "ends too early", id="a record that is cut off"),
        pytest.param(message([A], rest=b"\0"), 1, "octets after", id="an octet after the last record"),
        pytest.param(message([A], counts=(0, 0, 0)), 1, "octets after", id="an answer that is not counted"),
        pytest.param(message([record(1, b"\xc0\0\2\1", length=5)]), 1, "A record of 5", id="an RDLENGTH of 5 for 4"),
        pytest.param(message([record(1, b"\xc0\0\2\1", length=65535)]), 1, "A record of", id="an RDLENGTH beyond"),
        pytest.param(message([record(99, b"", length=9)]), 1, "beyond the message", id="in a record that is not ours"),
        pytest.param(message([], [], [record(99, b"", length=9)]), 1, "beyond the message", id="in the last section"),
        pytest.param(*of_type(1, b""), "A record of 0", id="an A record of no octets"),
        pytest.param(*of_type(1, bytes(16)), "A record of 16", id="an A record of 16 octets"),
        pytest.param(*of_type(28, bytes(4)), "AAAA record of 4", id="an AAAA record of 4 octets"),
        pytest.param(*of_type(1, b"\xc0\0\2\1", rclass=3), "A that is not of class IN", id="class CH"),
        pytest.param(*of_type(1, b"\xc0\0\2\1", rclass=255), "A that is not of class IN", id="class ANY"),
        pytest.param(
            message([], [record(6, SOA, rclass=4)]), 1, "SOA that is not of class IN", id="an SOA of class HS"
        ),
        pytest.param(message([], [record(6, SOA[:-1])]), 1, "does not end where", id="an SOA without its last octet"),
        pytest.param(message([], [record(6, SOA + b"\0")]), 1, "does not end where", id="an SOA with one more"),
        pytest.param(*of_type(5, b"\1a\0\0"), "does not end where", id="an octet after the target of a CNAME"),
        pytest.param(*of_type(5, b"\1a\0", length=2), "does not end where", id="a target longer than its record"),
        pytest.param(*of_type(5, b""), "ends too early", id="no target"),
        pytest.param(*of_type(15, b"\0"), "ends too early", id="half the number of an MX"),
        pytest.param(*of_type(33, b"\0\0\0\0\0\0"), "ends too early", id="an SRV without a target"),
        pytest.param(*of_type(35, b"\0\0\0\0\0\0\0"), "ends too early", id="a NAPTR without a name"),
        pytest.param(*of_type(35, b"\0\0\0\0\xff\0\0\0"), "ends too early", id="a NAPTR with too long a text"),
        pytest.param(*of_type(46, bytes(18)), "ends too early", id="a signature without a signer"),
        pytest.param(*of_type(47, b"\1a\0", length=1), "does not end where", id="an NSEC shorter than its name"),
        pytest.param(*of_type(1, b"\xc0\0\2\1", owner=pointer(AFTER)), "lead back", id="a pointer to itself"),
        pytest.param(*of_type(1, b"\xc0\0\2\1", owner=pointer(AFTER + 2)), "lead back", id="a pointer forward"),
        pytest.param(*of_type(1, b"\xc0\0\2\1", owner=pointer(0)), "lead back", id="a pointer into the header"),
        pytest.param(*of_type(5, b"\1a" + pointer(AFTER + 12)), "lead back", id="a name that leads into itself"),
        pytest.param(*of_type(1, b"\xc0\0\2\1", owner=b"\x40" + b"a" * 64 + b"\0"), "unknown type", id="label type 01"),
        pytest.param(*of_type(1, b"\xc0\0\2\1", owner=b"\x80a\0"), "unknown type", id="label type 10"),
        pytest.param(*of_type(5, b"\x40" + b"a" * 64 + b"\0"), "unknown type", id="label type 01 in data"),
        pytest.param(
            message([record(99, b"", owner=b"\x80a\0")]), 1, "unknown type", id="in a record that is not ours"
        ),
        pytest.param(*of_type(5, b"\1a" * 128 + b"\0"), "above 255", id="a name of 257 octets"),
        pytest.param(*of_type(5, b"\1a" * 120 + OWNER), "above 255", id="a name of 257 octets by way of a pointer"),
        pytest.param(
            message([*HOPS, record(1, b"\xc0\0\2\1", owner=pointer(AFTER + 12 * 19))]),
            1,
            "more than 16",
            id="20 pointers",
        ),
        pytest.param(message([OPT]), 1, "OPT out of", id="OPT in the answer"),
        pytest.param(message([], [OPT]), 1, "OPT out of", id="OPT in the authority section"),
        pytest.param(message([], [], [OPT, OPT]), 1, "OPT twice", id="two OPTs"),
        pytest.param(message([], [], [record(41, b"")]), 1, "with an owner", id="OPT with an owner"),
        pytest.param(message([A] * 4000), 1, "too many", id="4,000 addresses"),
        pytest.param(
            message([record(99, b"", owner=b"\1a" * 30_000 + b"\0")]), 1, "too many", id="a name of 30,000 labels"
        ),
        pytest.param(message(counts=(65535, 65535, 65535)), 1, "too many", id="196,605 records in 33 octets"),
        pytest.param(
            message([record(5, b"\3%d\0" % (n + 101), b"\3%d\0" % (n + 100)) for n in range(800)]),
            1,
            "too many",
            id="a chain of 800 CNAMEs",
        ),
    ],
)
def test_what_cannot_be_read(octets, qtype, why):
    with pytest.raises(ResponseError, match=why):
        read(octets, qtype)


def test_what_is_large_and_honest_is_read():
    answers = [
        (1, [record(1, struct.pack("!I", number)) for number in range(1500)]),
        (1, [record(1, struct.pack("!I", number), QNAME) for number in range(1500)]),
        (16, [record(16, b"\x63" + b"%099d" % number) for number in range(570)]),
        (33, [record(33, struct.pack("!3H", 0, 1, number) + b"\4n%03d" % number + QNAME[4:]) for number in range(400)]),
        (15, [record(15, b"\0\1\4n%03d\xc0\x10" % number) for number in range(400)]),
    ]
    for qtype, records in answers:
        (rrset,) = read(message(records, qtype=qtype), qtype).answer
        assert len(rrset.rdatas) == len(records)


def test_sixteen_pointers_may_lead_to_a_name():
    hops = [*HOPS[:15], record(1, b"\xc0\0\2\1", owner=pointer(AFTER + 12 * 14))]
    assert read(message(hops)).answer[0].rdatas == (b"\xc0\0\2\1",)


def test_what_is_left_out_is_not_judged():
    broken = [record(46, b""), record(16, b"\xff", rclass=4), record(5, b"\xff", owner=b"\0", rclass=9)]
    assert read(message([A, *broken[:2]], [record(6, b""), record(47, b""), record(2, b"")])) == read(message([A]))
    with pytest.raises(ResponseError, match="CNAME that is not of class IN"):
        read(message([A, *broken]))


def test_a_signature_of_the_message_is_stepped_over():
    tsig = record(250, bytes(30), owner=b"\3key\0", rclass=255)
    assert read(message([A], [], [OPT, tsig])) == read(message([A], [], [OPT]))


@pytest.mark.parametrize(
    ("rtype", "before", "after"),
    [
        *[pytest.param(rtype, b"", b"", id=name) for name, rtype in {"NS": 2, "MD": 3, "MF": 4, "CNAME": 5}.items()],
        *[pytest.param(rtype, b"", b"", id=name) for name, rtype in {"MB": 7, "MG": 8, "MR": 9, "PTR": 12}.items()],
        *[
            pytest.param(rtype, b"\0\7", b"", id=name)
            for name, rtype in {"MX": 15, "AFSDB": 18, "RT": 21, "KX": 36}.items()
        ],
        pytest.param(6, b"\1a\0", bytes(20), id="SOA"),
        pytest.param(14, b"\1a\0", b"", id="MINFO"),
        pytest.param(17, b"\1a\0", b"", id="RP"),
        pytest.param(24, bytes(18), b"signature", id="SIG"),
        pytest.param(26, b"\0\7\1a\0", b"", id="PX"),
        pytest.param(30, b"", b"types", id="NXT"),
        pytest.param(33, b"\0\1\0\2\0\3", b"", id="SRV"),
        pytest.param(35, b"\0\1\0\2\1u\3E2U\5regex", b"", id="NAPTR"),
        pytest.param(39, b"", b"", id="DNAME"),
        pytest.param(46, bytes(18), b"signature", id="RRSIG"),
        pytest.param(47, b"", b"types", id="NSEC"),
    ],
)
def test_a_compressed_name_in_data_is_made_whole(rtype, before, after):
    octets, _ = of_type(rtype, before + b"\4mail" + pointer(16) + after)
    (rrset,) = read(octets, rtype).answer
    assert rrset.rdatas == (before + b"\4mail" + QNAME[4:] + after,)


def test_the_data_of_other_types_is_left_alone():
    octets, _ = of_type(65280, b"\4mail" + pointer(16))
    assert read(octets, 65280).answer[0].rdatas == (b"\4mail\xc0\x10",)


RECORDS = """
A 192.0.2.1|AAAA 2001:db8::1|NS ns.example.net.|CNAME Host.example.net.|PTR a.b.
SOA ns.example.com. admin.example.com. 1 2 3 4 5|MX 10 mail.example.com.|TXT "one" "two"|SPF "v=spf1"|HINFO "a" "b"
SRV 1 2 80 host.example.com.|NAPTR 1 2 "u" "E2U+sip" "!^.*$!sip:x@example.com!" .|DNAME example.org.|RP a.b. c.d.
AFSDB 1 afs.example.com.|RT 2 relay.example.com.|KX 1 kx.example.com.|PX 10 a.b. c.d.|LOC 52 14 05 N 00 08 50 E 10m
DS 12345 8 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB|DNSKEY 256 3 8 AAAA|CDNSKEY 257 3 8 AAAA
CDS 12345 8 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB|NSEC b.example.com. A RRSIG NSEC
NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG|NSEC3PARAM 1 0 12 aabbccdd|SSHFP 1 1 00112233445566778899aabbccddeeff00112233
RRSIG A 8 2 60 20300101000000 20200101000000 1 example.com. AAAA|TLSA 3 1 1 aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899
SVCB 1 svc.example.com. port=8443|HTTPS 1 . alpn=h2,h3|CAA 0 issue "ca.example.net"|URI 10 1 "https://example.com/"
OPENPGPKEY AAAA|SMIMEA 3 0 0 aabb|CSYNC 66 3 A NS AAAA|ZONEMD 1 1 240 000102030405060708090a0b0c0d0e0f|EUI48 00-00-5e-00-53-2a
EUI64 00-00-5e-ef-10-00-00-2a|L32 10 10.1.2.0|L64 10 2001:0db8:1140:1000|LP 10 a.example.com.|NID 10 0014:4fff:ff20:ee64
CERT 1 2 3 AAAA|APL 1:192.0.2.0/24|DHCID AAAA|IPSECKEY 10 1 2 192.0.2.38 AAAA|X25 "311061700956"|ISDN "150862028003217"
NSAP 0x47|GPOS 1 2 3|AVC "x"|WALLET "a" "b"|TYPE65280 \\# 4 c00c0102
"""
TYPES = tuple(entry for line in RECORDS.strip().splitlines() for entry in line.split("|"))


def made(entries, name="www.example.com."):
    """Return the octets of a response with records of the type of the first one, and that type."""
    rtype = entries[0].split()[0]
    asked = f"{name} {rtype}"
    return response(asked, "\n".join(f"an {name} 60 {entry}" for entry in entries)), asked


@pytest.mark.parametrize("entry", [pytest.param(entry, id=entry.split()[0]) for entry in TYPES])
def test_each_type_is_read_as_dnspython_reads_it(entry):
    octets, asked = made([entry])
    (theirs,) = dns.message.from_wire(octets).answer
    (ours,) = read_response(octets, query(asked)).answer
    read_back = dns.rdata.from_wire("IN", ours.rtype, ours.rdatas[0], 0, len(ours.rdatas[0]))
    assert (ours.rtype, ours.ttl, [read_back]) == (int(theirs.rdtype), theirs.ttl, list(theirs))


def outcome(octets, asked):
    """Return what reading ends in; anything but an answer and a ResponseError leaves it."""
    try:
        return read_response(octets, asked)
    except ResponseError as error:
        return str(error)


@settings(deadline=None)
@given(st.binary(max_size=200), st.booleans(), st.sampled_from((1, 5, 6, 46, 255)))
@example(b"", False, 1)
def test_any_octets_are_read_or_refused(octets, do, qtype):
    asked = query(f"www.example.com. TYPE{qtype}", do)
    for whole in (
        octets,
        message(rest=octets, counts=(1, 1, 1), qtype=qtype),
        message(rest=octets, counts=(3, 0, 0), qtype=qtype),
    ):
        assert isinstance(outcome(whole, asked), str | Received)


ALIASES = """
an www.example.com. 60 CNAME a.sub.example.net.
an sub.example.net. 60 DNAME sub.example.org.
an a.sub.example.org. 60 A 192.0.2.1
an a.sub.example.org. 60 SIG A example.org.
au example.org. 60 SOA ns.example.org. admin.example.org. 1 2 3 4 5
au b.example.org. 60 NSEC c.example.org. A
au b.example.org. 60 SIG NSEC example.org.
"""
SAMPLES = (
    *[made([entry]) for entry in TYPES],
    (response("www.example.com. A", ALIASES), "www.example.com. A"),
    (response("www.example.com. ANY", ALIASES), "www.example.com. ANY"),
)
CHANGES = st.lists(st.tuples(st.integers(2, 500), st.integers(0, 255)), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SAMPLES), CHANGES, st.integers(0, 500), st.booleans())
def test_real_answers_with_changed_octets_are_read_or_refused(sample, changes, cut, do):
    octets, asked = bytearray(sample[0]), query(sample[1], do)
    for place, octet in changes:
        octets[place % len(octets)] = octet
    for whole in (bytes(octets), bytes(octets)[:-cut]):
        received = outcome(whole, asked)
        assert isinstance(received, str | Received)
        if isinstance(received, Received):
            check_sound(received)


def check_sound(received):
    """Whatever was kept can be written into a message of ours: names are names, TTLs are in bounds."""
    for rrset in (*received.answer, *received.authority):
        _, used = dns.name.from_wire(rrset.owner, 0)
        assert used == len(rrset.owner)
        assert rrset.owner == rrset.owner.lower()
        assert 0 <= rrset.ttl <= 86400
        assert len(set(rrset.rdatas)) == len(rrset.rdatas) > 0
        if rrset.rtype in (2, 5, 6, 12, 39):
            for rdata in rrset.rdatas:
                dns.rdata.from_wire("IN", rrset.rtype, rdata, 0, len(rdata))


LABELS = ("a", "b", "sub", "www")
ZONES = ("example.com.", "example.net.", "example.org.")
NAMES = st.builds(
    lambda labels, zone: ".".join((*labels, zone)),
    st.lists(st.sampled_from(LABELS), max_size=2),
    st.sampled_from(ZONES),
)
LINES = st.one_of(
    st.builds(lambda owner, target: f"an {owner} 60 CNAME {target}", NAMES, NAMES),
    st.builds(lambda owner, last: f"an {owner} 60 A 192.0.2.{last}", NAMES, st.integers(1, 9)),
    st.builds(lambda owner: f'an {owner} 60 TXT "x"', NAMES),
)


@settings(max_examples=150, deadline=None)
@given(NAMES, st.lists(LINES, max_size=10))
def test_chains_lead_where_dnspython_finds_them_to_lead(name, written):
    asked = f"{name} A"
    octets = response(asked, "\n".join(written) + "\nau . 60 SOA . . 1 2 3 4 5")
    received = outcome(octets, query(asked))
    try:
        theirs = dns.message.from_wire(octets).resolve_chaining()
    except dns.message.ChainTooLong:
        assert received == "more than 8 CNAMEs" or "a loop" in received or "two different" in received
        return
    if isinstance(received, str):
        assert (
            "two different" in received
            or ("more than 8" in received and len(theirs.cnames) > 8)
            or "a loop" in received
        )
        return
    found = [rrset for rrset in received.answer if rrset.rtype == 1]
    assert [rrset.owner for rrset in found] == ([] if theirs.answer is None else [theirs.canonical_name.to_wire()])
    assert [rdata for rrset in found for rdata in rrset.rdatas] == [rr.to_wire() for rr in theirs.answer or ()]
    assert [rrset.owner for rrset in received.answer[: len(theirs.cnames)]] == [
        rrset.name.to_wire() for rrset in theirs.cnames
    ]
