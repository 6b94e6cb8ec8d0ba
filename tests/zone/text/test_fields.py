"""Our table of types against dnspython: the same octets, or both refuse."""

import re

import dns.rdata
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedresolver.wire.error import FormatError
from fedresolver.zone.text import library
from fedresolver.zone.text.data import rdata
from fedresolver.zone.text.fields import SHAPES, canonical
from fedresolver.zone.text.lexer import entries
from fedresolver.zone.text.names import Names

NAMES = Names(b"\7Example\3org\0")
UNKNOWN_TO_DNSPYTHON = {7, 8, 9, 14}  # MB, MG, MR and MINFO
OURS = sorted(SHAPES.keys() - UNKNOWN_TO_DNSPYTHON)

LABEL = st.one_of(
    st.text("abcXYZ019-_*", min_size=1, max_size=6),
    st.sampled_from(
        ("a" * 63, "a" * 64, r"\.", r"\065", r"a\000b", r"\255", r"\256", r"\@", r"\"q", r"\;", r"b\\", "")
    ),
)
NAME = st.one_of(
    st.sampled_from(("@", ".", "*", r"\@", "..", ".a")),
    st.lists(LABEL, min_size=1, max_size=5).map(".".join),
    st.lists(LABEL, min_size=1, max_size=5).map(lambda labels: ".".join(labels) + "."),
)
NUMBER = st.one_of(
    st.integers(0, 300),
    st.sampled_from((65535, 65536, 4294967295, 4294967296, -1)),
).map(str) | st.sampled_from(("1h", "1w2D", "1h30", "x", "007", ""))
TEXT = st.text('ab \\"();$=0129\x7f\t', max_size=8)
STRING = st.one_of(
    st.text("abcXYZ09=.:/-", min_size=1, max_size=6),
    TEXT.map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'),
    st.sampled_from((r'"\000\255"', r"\065b", r'"\256"', "x" * 255, "x" * 256, '""', r'"a\"b"')),
)
ADDRESS = st.one_of(
    st.ip_addresses().map(str),
    st.sampled_from(
        ("192.0.2.256", "192.0.2", "192.0.2.01", "::ffff:192.0.2.1", "1::2::3", "::", "2001:DB8::A", "fe80::1%1")
    ),
)
HEX = st.text("0123456789abcdefABCDEFg", max_size=8)
LOCATOR = st.lists(st.text("0123456789abcdefg", min_size=4, max_size=4), min_size=3, max_size=5).map(":".join)
WORD = st.one_of(NAME, NUMBER, STRING, ADDRESS, HEX, LOCATOR)


def words(text):
    """Return the words of data as the lexer gives them, None where it has none to give."""
    faults = []
    found = list(entries(b" " + text.encode(), lambda *fault: faults.append(fault), lambda: None))
    return found[0].words if found and not faults else None


def read(reader, rtype, given):
    try:
        return reader(rtype, given, NAMES)
    except FormatError:
        return None


FIELDS = {
    "_name": NAME,
    "_server": NAME,
    "_time": NUMBER,
    "_ipv4": ADDRESS,
    "_ipv6": ADDRESS,
    "_locator": LOCATOR,
    "_tag": st.sampled_from(("issue", "iodef", "a-b", "Aa1", '""', '"issue"', "x" * 256, "x" * 255)),
    "_string": STRING,
    "_octets": STRING,
    "_quoted": STRING,
    "<lambda>": NUMBER,
}
RESTS = {"_strings": st.lists(STRING, min_size=1, max_size=3), "_hexadecimal": st.lists(HEX, min_size=1, max_size=2)}


@st.composite
def data_of(draw, rtype):
    """Return text that is often data of a type, and sometimes nearly so."""
    shape = SHAPES[rtype]
    found = [draw(FIELDS[field.__name__]) for field in shape.fields]
    if shape.rest:
        found += draw(RESTS[shape.rest.__name__])
    if draw(st.integers(0, 9)) == 0:
        found[draw(st.integers(0, len(found) - 1))] = draw(WORD)
    if draw(st.integers(0, 9)) == 0:
        found.append(draw(WORD))
    return " ".join(found)


def check(rtype, text):
    given_words = words(text)
    if given_words is None or given_words[:1] == [rb"\#"]:
        return
    mine, theirs = read(rdata, rtype, given_words), read(library.read, rtype, given_words)
    if mine != theirs:
        assert DIFFERENT[rtype](given_words, mine, theirs), text


def _refused_by_us(pattern):
    return lambda given_words, mine, theirs: mine is None and re.fullmatch(pattern, given_words[-1])


def _any_digest(given_words, mine, theirs):
    return theirs is None and mine == bytes(map(int, given_words[:3])) + bytes.fromhex(
        b"".join(given_words[3:]).decode()
    )


DIFFERENT = {
    2: _refused_by_us(rb"[0-9]+(\.[0-9]+){3}\.?"),  # NS: an address
    52: _any_digest,
    53: _any_digest,
    104: _refused_by_us(b""),
    106: _refused_by_us(b""),
    256: _refused_by_us(rb'[^"].*'),  # URI: without quotes
}
"""Where we mean to differ from dnspython, by type."""


@pytest.mark.parametrize("rtype", OURS, ids=library.type_text)
def test_the_table_and_dnspython_agree(rtype):
    @settings(max_examples=200, deadline=None)
    @given(data_of(rtype))
    def run(text):
        check(rtype, text)

    run()


@pytest.mark.parametrize("rtype", [7, 8, 9, 14], ids=library.type_text)
def test_types_that_dnspython_does_not_have_are_names(rtype):
    name = b"\1a\7Example\3org\0"
    count = len(SHAPES[rtype].fields)
    assert rdata(rtype, [b"a"] * count, NAMES) == name * count


@pytest.mark.parametrize(
    ("rtype", "data"),
    [
        (2, b"\3NS1\3Net\0"),
        (15, b"\0A\3Net\0"),
        (33, b"\0A\0B\0C\3Net\0"),
        (17, b"\3Net\0\1X\0"),
        (16, b"\3Net"),
        (1, b"ABCD"),
        (35, b"\0A\0B\1U\1S\1R\0"),
    ],
)
def test_canonical_data_is_that_of_dnspython(rtype, data):
    theirs = dns.rdata.from_wire("IN", rtype, data, 0, len(data)).to_digestable()
    assert canonical(rtype, data) == theirs
