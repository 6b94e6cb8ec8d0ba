"""Queries as they come: what is read of them, and with which code the others are refused.

RFC 1035 4.1, RFC 6891 6 and 7, RFC 8906 3, RFC 8945 5.1, RFC 9619.
"""

import struct
import time

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fedresolver.wire.const import Rcode
from fedresolver.wire.name import from_text
from fedresolver.wire.query import Edns, QueryError, edns_of_refused, is_query, read

NAME = b"\3www\7Example\3com\0"
QUESTION = NAME + b"\0\1\0\1"
IXFR = NAME + b"\0\xfb\0\1"
OPT = b"\0\0\x29\x04\xd0\0\0\0\0\0\0"
TSIG = b"\3key\0\0\xfa\0\xff\0\0\0\0\0\0"
SOA = b"\xc0\x0c\0\6\0\1\0\0\0\0\0\0"


def message(rest=QUESTION, counts=(1, 0, 0, 0), flags=0x0100):
    return struct.pack("!6H", 0x1234, flags, *counts) + rest


def opt(owner=b"\0", version=0, options=b"", length=None, flags=0):
    size = len(options) if length is None else length
    return owner + struct.pack("!2HBBHH", 41, 4096, 0, version, flags, size) + options


def with_opt(*records, authorities=0):
    return message(QUESTION + b"".join(records), (1, 0, authorities, len(records) - authorities))


def outcome(octets):
    """Return what reading ends in: `ok`, or the code of the refusal."""
    try:
        read(octets)
    except QueryError as error:
        return error.rcode.name
    return "ok"


@pytest.mark.parametrize(
    ("rest", "counts"), [(QUESTION, (1, 0, 0, 0)), (b"", (0, 0, 0, 0)), (b"\xff" * 9, (9, 9, 9, 9))]
)
def test_a_notify_that_nobody_listens_to_is_an_opcode_like_others(rest, counts):
    with pytest.raises(QueryError) as raised:
        read(message(rest, counts, 0x2000), notified=False)
    assert raised.value.rcode is Rcode.NOTIMP


@pytest.mark.parametrize(
    ("octets", "answered"),
    [
        pytest.param(b"", False, id="nothing"),
        pytest.param(message(b"")[:11], False, id="less than a header"),
        pytest.param(message(b""), True, id="a header alone"),
        pytest.param(message(flags=0x8000), False, id="a response"),
        pytest.param(message(flags=0x8780), False, id="a response with other flags"),
        pytest.param(message(flags=0x7FFF), True, id="every flag but QR"),
    ],
)
def test_only_whole_headers_of_queries_deserve_an_answer(octets, answered):
    assert is_query(octets) is answered


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        pytest.param(message(), "ok", id="a plain question"),
        pytest.param(message(flags=0x07B0), "ok", id="AA, TC, RD, RA, AD and CD in a query change nothing"),
        pytest.param(message(flags=0x0040), "ok", id="the reserved bit is ignored (RFC 8906 3.1.1)"),
        pytest.param(message(flags=0x000F), "ok", id="an rcode in a query is ignored"),
        pytest.param(message(b"\0\0\1\0\1"), "ok", id="the root"),
        pytest.param(message(NAME + b"\xff\x00\0\1"), "ok", id="a type that nobody knows (RFC 8906 3.1.5)"),
        pytest.param(message(NAME + b"\0\1\0\3"), "ok", id="another class is read"),
        pytest.param(message(flags=0x0800), "NOTIMP", id="IQUERY"),
        pytest.param(message(flags=0x7800), "NOTIMP", id="opcode 15"),
        pytest.param(message(b"", (0, 0, 0, 0), 0x2000), "FORMERR", id="NOTIFY without a question"),
        pytest.param(message(b"\xff" * 9, (9, 9, 9, 9), 0x2800), "NOTIMP", id="another opcode goes before counts"),
        pytest.param(message(b"", (0, 0, 0, 0)), "FORMERR", id="no question"),
        pytest.param(message(QUESTION * 2, (2, 0, 0, 0)), "FORMERR", id="two questions (RFC 9619)"),
        pytest.param(message(counts=(257, 0, 0, 0)), "FORMERR", id="257 questions are not one"),
        pytest.param(message(counts=(1, 1, 0, 0)), "FORMERR", id="an answer record"),
        pytest.param(message(QUESTION + SOA, (1, 0, 1, 0)), "FORMERR", id="an authority record"),
        pytest.param(message(IXFR + SOA, (1, 0, 1, 0)), "ok", id="the authority record of an IXFR (RFC 1995 3)"),
        pytest.param(message(IXFR, (1, 0, 1, 0)), "FORMERR", id="an IXFR whose authority record is missing"),
        pytest.param(message(IXFR, (1, 0, 2, 0)), "FORMERR", id="an IXFR with two authority records"),
        pytest.param(message(counts=(1, 0, 0, 3)), "FORMERR", id="three additional records"),
        pytest.param(message(counts=(1, 0, 0, 1)), "FORMERR", id="an additional record that is missing"),
        pytest.param(message(b""), "FORMERR", id="a question that is missing"),
        pytest.param(message(QUESTION[:-1]), "FORMERR", id="half a class"),
        pytest.param(message(NAME), "FORMERR", id="a name alone"),
        pytest.param(message(NAME[:-1]), "FORMERR", id="a name without an end"),
        pytest.param(message(NAME[:6]), "FORMERR", id="a label that is cut off"),
        pytest.param(message(QUESTION + b"\0"), "FORMERR", id="an octet after the question"),
        pytest.param(message(b"\xc0\x0c\0\1\0\1"), "FORMERR", id="a pointer in the question"),
        pytest.param(message(b"\1a\xc0\x0c\0\1\0\1"), "FORMERR", id="a pointer after a label of the question"),
        pytest.param(message(b"\x40" + b"a" * 64 + b"\0\0\1\0\1"), "FORMERR", id="a label of 64 octets"),
        pytest.param(message(b"\x80a\0\0\1\0\1"), "FORMERR", id="a label type that nobody knows"),
        pytest.param(message(b"\x3f" + b"a" * 63 + b"\0\0\1\0\1"), "ok", id="a label of 63 octets"),
        pytest.param(message((b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"a" * 61 + b"\0\0\1\0\1"), "ok", id="255 octets"),
        pytest.param(message(b"\1a" * 127 + b"\0\0\1\0\1"), "ok", id="127 labels"),
        pytest.param(message((b"\x3f" + b"a" * 63) * 4 + b"\0\0\1\0\1"), "FORMERR", id="a name of 257 octets"),
        pytest.param(message(b"\1a" * 128 + b"\0\0\1\0\1"), "FORMERR", id="128 labels"),
        pytest.param(message(NAME + b"\0\x29\0\1"), "FORMERR", id="OPT as a question"),
        pytest.param(message(NAME + b"\0\xfa\0\1"), "FORMERR", id="TSIG as a question"),
        pytest.param(message(NAME + b"\0\xf9\0\1"), "FORMERR", id="TKEY as a question"),
        pytest.param(message(NAME + b"\0\x80\0\1"), "FORMERR", id="NXNAME as a question"),
        pytest.param(with_opt(OPT), "ok", id="EDNS"),
        pytest.param(with_opt(OPT, TSIG), "ok", id="EDNS and a signature"),
        pytest.param(with_opt(TSIG), "ok", id="a signature"),
        pytest.param(with_opt(TSIG, OPT), "FORMERR", id="a signature before EDNS (RFC 8945 5.1)"),
        pytest.param(with_opt(TSIG, TSIG), "FORMERR", id="two signatures"),
        pytest.param(with_opt(OPT, OPT), "FORMERR", id="EDNS twice (RFC 6891 6.1.1)"),
        pytest.param(with_opt(opt(owner=b"\1a\0")), "FORMERR", id="EDNS with an owner (RFC 6891 6.1.2)"),
        pytest.param(with_opt(opt(owner=b"\xc0\x0c")), "FORMERR", id="EDNS whose owner is a pointer"),
        pytest.param(message(IXFR + OPT, (1, 0, 1, 0)), "FORMERR", id="EDNS in the authority section"),
        pytest.param(with_opt(opt(version=1)), "BADVERS", id="EDNS version 1 (RFC 6891 6.1.3)"),
        pytest.param(with_opt(opt(version=255)), "BADVERS", id="EDNS version 255"),
        pytest.param(with_opt(opt(flags=0x7FFF)), "ok", id="EDNS flags that nobody knows (RFC 8906 3.2.4)"),
        pytest.param(with_opt(opt(options=b"\xff\xfe\0\2ab")), "ok", id="an EDNS option that nobody knows"),
        pytest.param(with_opt(opt(options=b"\0\3\0\0\0\x0c\0\4\0\0\0\0")), "ok", id="two EDNS options"),
        pytest.param(with_opt(opt(options=b"\0\3\0")), "FORMERR", id="half an EDNS option"),
        pytest.param(with_opt(opt(options=b"\0\3\0\5abcd")), "FORMERR", id="an EDNS option beyond its record"),
        pytest.param(with_opt(opt(length=5)), "FORMERR", id="EDNS data beyond the message"),
        pytest.param(with_opt(OPT[:-1]), "FORMERR", id="EDNS that is cut off"),
        pytest.param(with_opt(OPT + b"\0"), "FORMERR", id="an octet after EDNS"),
        pytest.param(with_opt(b"\xc0"), "FORMERR", id="half a pointer"),
        pytest.param(with_opt(SOA), "ok", id="another additional record is stepped over"),
    ],
)
def test_reading(octets, expected):
    assert is_query(octets)
    assert outcome(octets) == expected


def test_a_query_is_read_with_its_parts():
    query = read(with_opt(opt(options=b"\0\3\0\0", flags=0x8000)))
    assert (query.id, query.flags, query.question) == (b"\x124", 0x0100, QUESTION)
    assert (query.qname, query.starts) == (from_text("www.example.com"), (0, 4, 12, 16))
    assert (query.qtype, query.qclass, query.signature) == (1, 1, 0)
    assert query.edns == Edns(4096, 0, True, b"\0\3\0\0")


def test_a_signed_query_says_so():
    message = with_opt(OPT, TSIG)
    assert message[read(message).signature :] == TSIG


def test_an_unknown_version_is_refused_with_what_was_read():
    with pytest.raises(QueryError) as caught:
        read(with_opt(opt(version=1)))
    assert caught.value.rcode is Rcode.BADVERS
    assert caught.value.query.edns == Edns(4096, 1)


@pytest.mark.parametrize(
    ("octets", "edns"),
    [
        pytest.param(message(QUESTION + OPT, (1, 0, 0, 1), 0x7800), Edns(1232), id="another opcode"),
        pytest.param(message(OPT, (0, 0, 0, 1)), Edns(1232), id="no question"),
        pytest.param(message(QUESTION * 2 + OPT, (2, 0, 0, 1)), Edns(1232), id="two questions"),
        pytest.param(message(QUESTION + SOA + OPT, (1, 1, 0, 1)), Edns(1232), id="an answer record"),
        pytest.param(message(QUESTION + SOA * 2 + OPT, (1, 0, 0, 3)), Edns(1232), id="three additional records"),
        pytest.param(with_opt(opt(flags=0x8000), OPT), Edns(4096, do=True), id="EDNS twice: the first"),
        pytest.param(with_opt(opt(version=9) + b"\0"), Edns(4096, 9), id="an octet after EDNS"),
        pytest.param(message(QUESTION + OPT + TSIG, (1, 1, 0, 1), 0x2800), None, id="EDNS in the answer section"),
        pytest.param(message(QUESTION * 6 + OPT, (6, 0, 0, 1)), None, id="too many questions to look at"),
        pytest.param(message(b"\xff" * 90, (0xFFFF,) * 4), None, id="counts that are noise"),
        pytest.param(message(QUESTION, (1, 0, 0, 0), 0x7800), None, id="no EDNS"),
        pytest.param(message(QUESTION, (1, 0, 0, 1)), None, id="a record that is missing"),
        pytest.param(with_opt(TSIG, TSIG), None, id="other records"),
        pytest.param(with_opt(opt(owner=b"\1a\0")), None, id="EDNS with an owner"),
        pytest.param(with_opt(opt(options=b"\0\3\0\5abcd")), None, id="EDNS that cannot be read"),
        pytest.param(with_opt(opt(length=5)), None, id="EDNS that is cut off"),
        pytest.param(message(b"\x40a\0" + OPT, (1, 0, 0, 1)), None, id="a question that cannot be stepped over"),
    ],
)
def test_the_edns_of_a_message_that_is_refused(octets, edns):
    assert outcome(octets) in ("FORMERR", "NOTIMP")
    assert edns_of_refused(octets) == edns


MESSAGES = st.one_of(
    st.binary(min_size=12, max_size=600),
    st.builds(lambda counts, rest: message(rest, counts), st.tuples(*[st.integers(0, 2)] * 4), st.binary(max_size=300)),
    st.builds(
        lambda names, rest, number: message(QUESTION + names + rest, (1, 0, 0, number)),
        st.sampled_from((b"", b"\0", b"\xc0\x0c", b"\0\0\x29", OPT, OPT[:-2])),
        st.binary(max_size=60),
        st.integers(0, 2),
    ),
)


@given(MESSAGES)
@example(message(b"\x3f"))
@example(message(b"\xc0"))
@example(with_opt(b""))
def test_any_octets_are_read_or_refused(octets):
    if is_query(octets):
        assert outcome(octets) in ("ok", "FORMERR", "NOTIMP", "BADVERS")
        edns = edns_of_refused(octets)
        assert outcome(octets) != "ok" or edns == read(octets).edns


QUERIES = st.builds(
    lambda labels, rtype, rclass, flags, number: (dns.name.Name([*labels, b""]), rtype, rclass, flags, number),
    st.lists(st.binary(min_size=1, max_size=40), max_size=6),
    st.integers(0, 0xFFFF).filter(lambda rtype: rtype not in (41, 249, 250, 251)),
    st.integers(0, 0xFFFF),
    st.sampled_from((0, dns.flags.RD, dns.flags.RD | dns.flags.CD, dns.flags.AD)),
    st.integers(0, 0xFFFF),
)
OPTIONS = st.lists(st.builds(dns.edns.GenericOption, st.integers(100, 0xFFFF), st.binary(max_size=20)), max_size=3)


@given(QUERIES, st.none() | st.tuples(st.integers(512, 0xFFFF), st.booleans(), OPTIONS))
def test_what_dnspython_writes_is_read_back(question, edns):
    name, rtype, rclass, flags, number = question
    made = dns.message.QueryMessage(number)
    made.flags = flags
    made.question = [dns.rrset.RRset(name, rclass, rtype)]
    if edns is not None:
        size, do, options = edns
        made.use_edns(0, dns.flags.DO if do else 0, size, options=options)
    query = read(made.to_wire())
    assert query.question == name.to_wire() + struct.pack("!2H", rtype, rclass)
    assert query.qname == name.to_wire().lower()
    assert (query.id, query.flags, query.qtype, query.qclass) == (number.to_bytes(2), int(flags), rtype, rclass)
    if edns is None:
        assert query.edns is None
    else:
        raw = b"".join(struct.pack("!2H", one.otype, len(one.data)) + one.data for one in options)
        assert query.edns == Edns(size, 0, do, raw)


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(message(b"\1a" * 32_000 + b"\0\0\1\0\1"), id="a name of 32,000 labels"),
        pytest.param(message(QUESTION + b"\1a" * 32_000 + OPT, (1, 0, 0, 1)), id="an owner of 32,000 labels"),
        pytest.param(with_opt(opt(options=b"\0\3\0\0" * 16_000)), id="16,000 EDNS options"),
    ],
)
def test_the_longest_message_costs_no_more_than_a_millisecond(octets):
    best = min(_seconds(octets) for _ in range(20))
    assert best < 0.001


def _seconds(octets):
    start = time.process_time()
    outcome(octets)
    return time.process_time() - start
