"""Messages of transfers as octets: what is read of them, a few records at a time, and what is not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedresolver.wire.const import Type
from fedresolver.wire.error import FormatError
from fedresolver.wire.tsig import Asked, read_record
from fedresolver.wire.zone_transfer import AT_ONCE, Reading, ask_zone, question_of, read_head
from tests.support.hostile import chain, long_loop, pointers, strangers, texts
from tests.support.primary import answer, bare, many
from tests.support.primary import signed as signed_answer
from tests.support.signed import key, theirs
from tests.support.zone_records import APEX, NS, record, soa

ID = b"\x71\x50"
QUERY = ask_zone(ID, APEX, Type.AXFR)
QUESTION = question_of(APEX, Type.AXFR)
LINES = (
    soa(1),
    NS,
    "www.example.org. 60 A 192.0.2.1",
    "www.example.org. 60 AAAA 2001:db8::1",
    "example.org. 60 MX 10 Mail.example.org.",
    "c.example.org. 60 CNAME WWW.example.net.",
    "d.example.org. 60 DNAME X.example.net.",
    "s.example.org. 60 SRV 1 2 3 www.example.org.",
    'n.example.org. 60 NAPTR 1 2 "u" "s" "!a!b!" www.example.org.',
    "r.example.org. 60 RP hm.example.org. txt.example.org.",
    't.example.org. 60 TXT "a" "\\255"',
    "u.example.org. 60 TYPE65300 \\# 3 010203",
    "i.example.org. 60 RRSIG A 8 2 60 20300101000000 20200101000000 1 example.org. AAAA",
    "x.example.org. 60 NSEC y.example.org. A RRSIG",
)


def read(message, question=QUESTION):
    """Return the records of a message, and in how many parts they were read."""
    head = read_head(message, ID, question)
    reading = Reading(message, head, question)
    parts = sum(1 for _ in reading.parts())
    return reading, parts


def test_records_are_read_with_their_names_whole_and_as_written():
    reading, _ = read(answer(QUERY, *LINES))
    assert reading.records == [record(line) for line in LINES]
    assert reading.signature == 0


def test_owners_are_in_small_letters():
    reading, _ = read(answer(QUERY, "WWW.Example.Org. 60 A 192.0.2.1"))
    assert reading.records[0].owner == b"\3www\7example\3org\0"


def test_a_ttl_with_the_top_bit_is_none():
    more = b"\xc0\x0c\0\1\0\1\x80\0\0\1\0\4abcd"
    assert read(bare(QUERY, counts=(1, 0, 0), more=more))[0].records[0].ttl == 0


@pytest.mark.parametrize("question", [True, False])
def test_pointers_are_understood_without_a_question_too(question):
    reading, _ = read(answer(QUERY, *LINES, question=question))
    assert [one.owner for one in reading.records] == [record(line).owner for line in LINES]


@pytest.mark.parametrize("count", [1, AT_ONCE, AT_ONCE + 1, 3000])
def test_a_large_message_is_read_in_parts(count):
    reading, parts = read(many(QUERY, 0, count))
    assert (len(reading.records), parts) == (count, -(-count // AT_ONCE))


def test_a_full_message_of_honest_records_is_read():
    record_of = b"\xc0\x0c\0\2\0\1\0\0\0\x3c\0\2\xc0\x0c"
    count = (65535 - 29) // len(record_of)
    assert len(read(bare(QUERY, counts=(count, 0, 0), more=record_of * count))[0].records) == count


def test_a_signature_is_found():
    asked = Asked(QUERY, key(), int(time.time()))
    (message,) = signed_answer(asked.message, [(soa(1), NS, soa(1))], theirs())
    reading, _ = read(message)
    assert read_record(message, reading.signature).owner == key().name


@pytest.mark.parametrize("made", [chain, long_loop, pointers, strangers, texts], ids=lambda made: made.__name__)
def test_what_is_made_to_be_dear_is_read_at_the_price_of_its_length_or_refused(made):
    records = made(12 + len(QUESTION))
    message = bare(QUERY, counts=(len(records), 0, 0), more=b"".join(records))
    try:
        reading, parts = read(message)
    except FormatError:
        return
    assert len(reading.records) == len(records)
    assert parts == -(-len(records) // AT_ONCE)


HONEST = answer(QUERY, *LINES)


@given(st.data())
def test_whatever_comes_is_read_or_refused(data):
    message = bytearray(HONEST)
    for _ in range(data.draw(st.integers(1, 8))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(message)))
    for octets in (bytes(message), bytes(message[:cut])):
        try:
            read(octets)
        except FormatError:
            continue


@given(st.binary(max_size=200), st.tuples(*[st.integers(0, 65535)] * 3))
def test_any_octets_are_read_or_refused(more, counts):
    try:
        read(bare(QUERY, counts=counts, more=more))
    except FormatError:
        return


@pytest.mark.parametrize(
    ("message", "why"),
    [
        pytest.param(b"", "another ID", id="nothing"),
        pytest.param(b"\0\0" + HONEST[2:], "another ID", id="another ID"),
        pytest.param(QUERY, "no answer", id="a query"),
        pytest.param(bare(QUERY, 0xA400), "no answer", id="a NOTIFY"),
        pytest.param(bare(QUERY, 0x8600), "truncated", id="TC"),
        pytest.param(answer(ask_zone(ID, APEX, Type.SOA), soa(1)), "another question", id="another type"),
    ],
)
def test_what_is_no_answer(message, why):
    with pytest.raises(FormatError, match=why):
        read_head(message, ID, QUESTION)
