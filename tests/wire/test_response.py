"""Responses, read by dnspython: what is copied from the query, what is left out when, how addresses take turns."""

import dns.flags
import dns.message
import dns.rcode
import pytest

from fedresolver.wire.const import AA, Ede, Rcode, Type
from fedresolver.wire.name import Name, from_text
from fedresolver.wire.query import Edns, read
from fedresolver.wire.response import (
    TCP_SIZE,
    UDP_SIZE,
    body,
    ede_option,
    empty,
    refusal,
    respond,
    turns,
    udp_limit,
)
from fedresolver.wire.rr import RRset, Soa, addresses, cname, srv_rdata
from tests.support.records import ede_of, lines, lines_of

WWW = from_text("www.example.com")
HOST = from_text("host.example.com")
SOA = RRset(
    from_text("example.com"),
    Type.SOA,
    5,
    (Soa(mname=from_text("ns.example.com"), rname=from_text("admin.example.com"), serial=7).rdata(),),
)
EDE = ede_option(Ede.STALE_ANSWER, "local; stale 40s c1")


def asked(name="www.example.com.", rtype="A", flags=dns.flags.RD, **edns):
    """Return a query of dnspython's as we read it; `edns` is what `use_edns` takes, nothing for none."""
    made = dns.message.make_query(name, rtype, flags=flags, use_edns=False)
    if edns:
        made.use_edns(0, **edns)
    return read(made.to_wire())


def response(query, answer=(), authority=(), additional=(), limit=TCP_SIZE, rcode=Rcode.NOERROR, **more):
    """Return a response as dnspython reads it, which refuses octets that are left over."""
    more = {"flags": AA, **more}
    given = body(query, rcode, (tuple(answer), tuple(authority), tuple(additional)), **more)
    octets = respond(query, given, limit)
    assert len(octets) <= limit
    return dns.message.from_wire(octets, raise_on_truncation=False)


def hosts(count, owner=WWW, first=0):
    """Return an A RRset of `count` addresses, 16 octets each when the owner is a pointer."""
    packed = tuple(bytes((10, 0, number >> 8, number & 255)) for number in range(first, first + count))
    return addresses(owner, 60, packed)


def shape(found):
    """Return what survived: the counts of answer, authority and additional records, EDE, TC, OPT."""
    counts = [sum(len(rrset) for rrset in section) for section in (found.answer, found.authority, found.additional)]
    marks = [
        "ede" if ede_of(found) else "",
        "tc" if found.flags & dns.flags.TC else "",
        "opt" if found.edns >= 0 else "",
    ]
    return " ".join([*map(str, counts), *filter(None, marks)])


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        pytest.param("", "QR AA", id="no flag"),
        pytest.param("RD", "QR AA RD", id="RD comes back"),
        pytest.param("CD", "QR AA CD", id="CD comes back (RFC 4035 3.2.2)"),
        pytest.param("AD", "QR AA", id="AD does not"),
        pytest.param("TC RA AA", "QR AA", id="flags of responses do not"),
    ],
)
def test_flags_of_the_query(flags, expected):
    query = asked(flags=dns.flags.from_text(flags))
    assert dns.flags.to_text(response(query, hosts(1)).flags) == expected


def test_the_reserved_bit_and_the_rcode_of_a_query_do_not_come_back():
    query = read(dns.message.make_query("www.example.com.", "A", id=1).to_wire()[:2] + b"\1\x4f" + _rest())
    octets = respond(query, body(query, Rcode.NOERROR, ((), (), ()), flags=0), TCP_SIZE)
    assert octets[2:4] == b"\x81\x00"


def _rest():
    return dns.message.make_query("www.example.com.", "A", use_edns=False).to_wire()[4:]


def test_without_authority_there_is_no_aa():
    assert not response(asked(), flags=0).flags & dns.flags.AA


@pytest.mark.parametrize(
    ("edns", "expected"),
    [
        pytest.param({}, None, id="no OPT to a query without"),
        pytest.param({"payload": 4096}, (0, UDP_SIZE, 0), id="OPT says our own size"),
        pytest.param({"payload": 4096, "ednsflags": dns.flags.DO}, (0, UDP_SIZE, dns.flags.DO), id="DO comes back"),
        pytest.param({"payload": 4096, "ednsflags": 0x7FFF}, (0, UDP_SIZE, 0), id="other EDNS flags do not"),
    ],
)
def test_opt(edns, expected):
    found = response(asked(**edns), hosts(1), ede=EDE)
    got = None if found.edns < 0 else (found.edns, found.payload, found.ednsflags & 0xFFFF)
    assert got == expected
    assert ede_of(found) == (None if expected is None else "3 local; stale 40s c1")


def test_options_that_we_do_not_act_on_are_not_echoed():
    option = dns.edns.GenericOption(10, b"12345678")
    assert response(asked(payload=1232, options=[option])).options == ()


@pytest.mark.parametrize("name", ["www.EXAMPLE.com.", "WWW.example.COM."])
def test_the_question_and_the_owner_keep_their_letter_case(name):
    found = response(asked(name), hosts(1))
    assert found.question[0].to_text() == f"{name} IN A"
    assert found.answer[0].name.to_text() == name


@pytest.mark.parametrize(
    ("edns", "limit"),
    [
        pytest.param({}, 512, id="without EDNS"),
        pytest.param({"payload": 0}, 512, id="a size below 512 means 512 (RFC 6891 6.2.3)"),
        pytest.param({"payload": 511}, 512, id="one octet less than 512"),
        pytest.param({"payload": 600}, 600, id="the client's size"),
        pytest.param({"payload": 1232}, 1232, id="our size"),
        pytest.param({"payload": 4096}, 1232, id="no more than our size"),
        pytest.param({"payload": 65535}, 1232, id="however large the client's is"),
    ],
)
def test_how_large_a_udp_response_may_be(edns, limit):
    assert udp_limit(asked(**edns).edns) == limit


# A question for www.example.com takes 33 octets, OPT 11, the extended error 25, an address 16, SOA 54 at least.
@pytest.mark.parametrize(
    ("count", "extra", "limit", "expected"),
    [
        pytest.param(1, 1, 1232, "1 0 1 ede opt", id="all of it fits"),
        pytest.param(27, 1, 512, "27 0 1 opt", id="the extended error goes first"),
        pytest.param(28, 4, 512, "28 0 0 opt", id="then the additional records, without TC"),
        pytest.param(29, 0, 512, "29 0 0 opt", id="the most that fits"),
        pytest.param(30, 4, 512, "29 0 0 tc opt", id="then what of the answer is too much, with TC, and OPT stays"),
        pytest.param(200, 4, 1232, "74 0 0 tc opt", id="as many addresses as fit into 1232 octets"),
        pytest.param(200, 4, 65535, "200 0 4 ede opt", id="all of it fits over TCP"),
    ],
)
def test_what_is_left_out_with_edns(count, extra, limit, expected):
    found = response(asked(payload=limit), hosts(count), (), hosts(extra, HOST), limit=limit, ede=EDE)
    assert shape(found) == expected


@pytest.mark.parametrize(
    ("count", "extra", "expected"),
    [
        pytest.param(1, 1, "1 0 1", id="all of it fits, and the extended error has no place"),
        pytest.param(29, 4, "29 0 0", id="additional records go, without TC"),
        pytest.param(31, 0, "29 0 0 tc", id="then what of the answer is too much"),
    ],
)
def test_what_is_left_out_without_edns(count, extra, expected):
    assert shape(response(asked(), hosts(count), (), hosts(extra, HOST), limit=512, ede=EDE)) == expected


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(hosts(65_536), id="more than a header can count"),
        pytest.param((cname(WWW, 60, HOST), *hosts(65_536, HOST)), id="behind a CNAME"),
        pytest.param((*hosts(4000), *hosts(65_536)), id="behind others of the name"),
    ],
)
def test_of_what_no_message_holds_there_is_what_fits(answer):
    query = asked()
    for given in turns(body(query, Rcode.NOERROR, (answer, (SOA,), hosts(2, HOST)), flags=AA, turns=True)):
        octets = respond(query, given, TCP_SIZE)
        found = dns.message.from_wire(octets, one_rr_per_rrset=True, raise_on_truncation=False)
        assert (len(found.answer), found.authority, found.additional) == (4093, [], [])
        assert found.flags & dns.flags.TC
        assert found.answer[0].rdtype == answer[0].rtype


def test_a_chain_is_kept_from_its_beginning():
    chain = [cname(from_text(f"n{i}.example.com" if i else "www.example.com"), 5, _node(i + 1)) for i in range(30)]
    found = response(asked(), chain, (SOA,), limit=512, rcode=Rcode.NXDOMAIN)
    assert shape(found).endswith("0 0 tc")
    got = lines_of(found.answer)
    assert got == lines(chain)[: len(got)]


def _node(number) -> Name:
    return from_text(f"n{number}.example.com")


def test_all_sections_are_read_back():
    srv = RRset(WWW, Type.SRV, 180, (srv_rdata(50, 80, HOST), srv_rdata(50, 8080, HOST)))
    other = RRset(from_text(r"a\.b\000\255.example.org"), Type.TXT, 9, (b"\5hello",))
    found = response(asked(rtype="SRV"), (srv,), (SOA,), (*hosts(2, HOST), other))
    assert lines_of(found.answer) == lines((srv,))
    assert lines_of(found.authority) == lines((SOA,))
    assert sorted(lines_of(found.additional)) == sorted(lines((*hosts(2, HOST), other)))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("www.example.com.", id="below the zone"),
        pytest.param("example.com.", id="the zone itself"),
        pytest.param("A.B.c.Example.COM.", id="deep below, in another letter case"),
        pytest.param("example.com.org.", id="outside of it"),
        pytest.param(r"a\007example\003com.", id="a label that holds the zone's octets"),
    ],
)
@pytest.mark.parametrize("rcode", [Rcode.NOERROR, Rcode.NXDOMAIN])
def test_a_negative_response_carries_the_soa(name, rcode):
    found = response(asked(name), (), (SOA,), rcode=rcode)
    assert (found.rcode(), shape(found)) == (dns.rcode.Rcode(rcode), "0 1 0")
    assert [line.lower() for line in lines_of(found.authority)] == [line.lower() for line in lines((SOA,))]


def test_negative_responses_of_other_lengths_of_a_name_do_not_share_pointers():
    for count in range(1, 60):
        name = "x" * count + ".example.com."
        assert lines_of(response(asked(name), (), (SOA,)).authority) == lines((SOA,))


@pytest.mark.parametrize("owners", [1, 2000])
def test_names_beyond_the_reach_of_pointers_are_whole(owners):
    many = [RRset(from_text(f"n{i}.of.zone{i % 7}.example.com"), Type.NS, 5, (_node(i),)) for i in range(owners)]
    found = response(asked(), many)
    assert lines_of(found.answer) == lines(many)


def test_addresses_of_a_far_name_do_not_take_turns():
    far = [RRset(_node(i), Type.TXT, 5, (b"\xff" + b"x" * 255,)) for i in range(70)]
    sections = ((*far, *hosts(3, from_text("far.example.org"))), (), ())
    query = asked()
    for given in turns(body(query, Rcode.NOERROR, sections, flags=AA, turns=True)):
        found = dns.message.from_wire(respond(query, given, TCP_SIZE))
        assert sorted(lines_of(found.answer)[-3:]) == lines(hosts(3, from_text("far.example.org")))


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        pytest.param(0, ["n1"], id="nothing to turn"),
        pytest.param(1, ["n1 0"], id="one address"),
        pytest.param(3, ["n1 0 1 2", "n1 1 2 0", "n1 2 0 1"], id="each address comes first once, the CNAME stays"),
        pytest.param(20, 8, id="at most eight turns"),
    ],
)
def test_turns(count, expected):
    query = asked()
    sections = ((cname(WWW, 5, _node(1)), *hosts(count, _node(1))), (), hosts(2, HOST))
    given = turns(body(query, Rcode.NOERROR, sections, flags=AA, ede=EDE, turns=True))
    found = [_order(dns.message.from_wire(respond(query, one, TCP_SIZE), one_rr_per_rrset=True)) for one in given]
    assert len(found) == expected if isinstance(expected, int) else found == expected


def _order(found):
    assert lines_of(found.additional) == lines(hosts(2, HOST))
    return " ".join(["n1", *(rrset[0].to_text().rpartition(".")[2] for rrset in found.answer[1:])])


def test_both_families_of_an_answer_keep_apart_in_their_turns():
    packed = (b"\x0a\0\0\1", b"\x0a\0\0\2", b"\xfd" + bytes(15), b"\xfd" + bytes(14) + b"\1")
    query = asked(rtype="ANY")
    sections = (addresses(WWW, 5, packed), (), ())
    for given in turns(body(query, Rcode.NOERROR, sections, flags=AA, turns=True)):
        found = dns.message.from_wire(respond(query, given, TCP_SIZE))
        assert sorted(lines_of(found.answer)) == sorted(lines(addresses(WWW, 5, packed)))


def test_mx_records_take_turns_whatever_their_length():
    exchanges = [from_text(name) for name in ("a.example.org", "mail.example.net", "b.mail.example.net")]
    mx = RRset(WWW, Type.MX, 5, tuple(b"\0\x0a" + name for name in exchanges))
    query = asked(rtype="MX")
    sections = ((mx,), (), (*hosts(2, exchanges[0]), *hosts(1, exchanges[2])))
    given = turns(body(query, Rcode.NOERROR, sections, flags=AA, turns=True))
    found = [dns.message.from_wire(respond(query, one, TCP_SIZE), one_rr_per_rrset=True) for one in given]
    assert len({one.answer[0].to_text() for one in found}) == 3
    for one in found:
        assert sorted(lines_of(one.answer)) == sorted(lines((mx,)))
        assert lines_of(one.additional) == lines(sections[2])


def test_without_turns_the_order_stays():
    given = body(asked(), Rcode.NOERROR, (hosts(3), (), ()), flags=AA)
    assert turns(given) == (given,)


@pytest.mark.parametrize(
    ("flags", "rcode", "expected"),
    [
        pytest.param(0x0100, Rcode.FORMERR, 0x8101, id="RD comes back"),
        pytest.param(0x2800, Rcode.NOTIMP, 0xA804, id="the opcode comes back"),
        pytest.param(0x07FF, Rcode.FORMERR, 0x8101, id="AA, TC, RA, Z, AD and an rcode do not"),
    ],
)
def test_a_refusal_is_a_header(flags, rcode, expected):
    octets = refusal(b"\x12\x34" + flags.to_bytes(2) + b"\0\1\0\2\0\3\0\4" + b"rest", rcode)
    assert octets == b"\x12\x34" + expected.to_bytes(2) + bytes(8)


def test_a_refusal_has_edns_where_the_query_has():
    octets = b"\x12\x34\x28\0\0\1\0\2\0\3\0\4rest"
    for do in (False, True):
        found = dns.message.from_wire(refusal(octets, Rcode.NOTIMP, Edns(4096, 3, do=do)))
        assert (found.rcode(), found.opcode(), found.edns, found.payload) == (4, 5, 0, 1232)
        assert bool(found.ednsflags & dns.flags.DO) is do
        assert shape(found) == "0 0 0 opt"


def test_an_unknown_version_of_edns_is_told_ours():
    query = asked(payload=1232)
    found = dns.message.from_wire(respond(query, empty(Rcode.BADVERS), 512))
    assert (found.rcode(), found.edns, shape(found)) == (dns.rcode.BADVERS, 0, "0 0 0 opt")


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        pytest.param(14, "", "14", id="a code alone"),
        pytest.param(0, "local", "0 local", id="a code and a text"),
        pytest.param(3, "x" * 160, "3 " + "x" * 160, id="the longest text"),
        pytest.param(0, "ü", "0 ü", id="text is UTF-8 (RFC 8914 2)"),
    ],
)
def test_extended_errors(code, text, expected):
    assert ede_of(response(asked(payload=1232), ede=ede_option(code, text))) == expected


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        pytest.param(1232, "0 2 60 ede opt", id="with all of its glue"),
        pytest.param(512, "0 2 0 tc opt", id="without, so with TC"),
    ],
)
def test_a_referral_without_its_glue_says_so(limit, expected):
    """RFC 9471 3."""
    servers = RRset(WWW, Type.NS, 60, (from_text("ns1.www.example.com"), from_text("ns2.www.example.com")))
    glue = hosts(30, from_text("ns1.www.example.com")) + hosts(30, from_text("ns2.www.example.com"))
    found = response(asked(payload=limit), (), (servers,), glue, limit=limit, flags=0, ede=EDE)
    assert shape(found) == expected
