"""What is sent to an upstream: read back by dnspython, and by the reader of queries."""

import dns.flags
import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedresolver.wire.asking import ask, mixed_case, question_of
from fedresolver.wire.query import read
from tests.support.ask import opt, raw

WWW = b"\3wWw\7Example\3com\0"
SMALL = WWW.lower()
RD, AD, CD = 0x0100, 0x0020, 0x0010


@pytest.mark.parametrize(
    ("octets", "options", "flags", "ednsflags"),
    [
        pytest.param(raw(WWW), {}, "RD AD", 0, id="recursion is wanted, whether or not the client said so"),
        pytest.param(
            raw(WWW, flags=0x0640), {}, "RD AD", 0, id="flags that make no sense in a query are not passed on"
        ),
        pytest.param(raw(WWW, flags=RD | CD), {}, "RD AD CD", 0, id="CD is passed on"),
        pytest.param(raw(WWW, flags=RD | AD), {}, "RD AD", 0, id="AD is asked for once"),
        pytest.param(raw(WWW, more=opt(do=True)), {}, "RD AD", 0x8000, id="DO is passed on"),
        pytest.param(
            raw(WWW, more=opt(4096, b"\0\3\0\0")), {}, "RD AD", 0, id="options of the client are not passed on"
        ),
        pytest.param(raw(WWW, more=opt(do=True)), {"edns": False}, "RD AD", None, id="no EDNS, no DO"),
    ],
)
def test_what_is_asked(octets, options, flags, ednsflags):
    made = ask(b"\xab\xcd", read(octets), **options)
    message = dns.message.from_wire(made)
    assert (message.id, dns.flags.to_text(message.flags), message.opcode()) == (0xABCD, flags, 0)
    assert read(made).question == SMALL + b"\0\1\0\1"
    if ednsflags is None:
        assert message.edns == -1
    else:
        assert (message.edns, message.payload, message.ednsflags, message.options) == (0, 1232, ednsflags, ())


def test_a_question_that_is_given_is_sent_as_it_is():
    query = read(raw(WWW, rtype=0x41))
    assert question_of(query) == SMALL + b"\0\x41\0\1"
    assert ask(b"\0\1", query)[12 : 12 + len(WWW) + 4] == SMALL + b"\0\x41\0\1"
    assert ask(b"\0\1", query, question=WWW + b"\0\x41\0\1", edns=False)[12:] == WWW + b"\0\x41\0\1"


@pytest.mark.parametrize(
    ("name", "bits", "mixed"),
    [
        pytest.param(WWW, 0, SMALL, id="no bit set"),
        pytest.param(WWW, -1, b"\3WWW\7EXAMPLE\3COM\0", id="every bit set"),
        pytest.param(b"\3www\0", 0x20_00_20_00, b"\3WwW\0", id="a bit for each octet"),
        pytest.param(b"\4@[`{\3a-1\0", -1, b"\4@[`{\3A-1\0", id="what stands beside the letters is none"),
        pytest.param(b"\2\xc1\xe1\0", -1, b"\2\xc1\xe1\0", id="nor is what would be one with its first bit"),
        pytest.param(b"\0", -1, b"\0", id="the root"),
    ],
)
def test_letters_are_large_where_a_bit_is_set(name, bits, mixed):
    assert mixed_case(name, bits) == mixed


LABELS = st.lists(st.binary(min_size=1, max_size=63), max_size=3)


@given(LABELS, st.integers(min_value=0))
def test_a_name_in_mixed_case_is_the_same_name(labels, bits):
    name = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    assert mixed_case(name, bits).lower() == name.lower()


def test_each_letter_has_a_bit_of_its_own():
    name = b"\3abc\2xy\0"
    single = {mixed_case(name, 1 << place) for place in range(8 * len(name))}
    assert len(single - {name}) == 5
