"""Whatever the files are, only a ConfigError comes out, and soon."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fedresolver.config.errors import ConfigError
from fedresolver.wire.name import MAX_NAME, is_below, labels
from fedresolver.zone.text.complaints import MOST
from fedresolver.zone.text.lexer import MAX_ENTRY
from fedresolver.zone.text.library import TYPES
from tests.zone.text.nasty import FAULTY, INCLUDED, LEGAL
from tests.zone.text.zones import HEAD, read

SECONDS = 20
"""How much of the processor any of these may take; most take milliseconds."""
GOOD = HEAD.encode() + b"".join(LEGAL.values())
LINES = GOOD.splitlines() + [text.encode() for text in FAULTY.values()]
PIECES = [
    *(b"\n", b"\r", b"\r\n", b" ", b"\t", b"(", b")", b'"', b";", b"\\", b"$", b"@", b".", b"\0", b"\xff", b"\xef\xbb\xbf"),
    *(b"\\#", b"\\000", b"\\999", b"${0,3,d}", b"$INCLUDE z\n", b"$INCLUDE included\n", b"$GENERATE 1-3 ", b"$ORIGIN ", b"$TTL "),
    *(b"IN", b"CH", b"99999999999", b"-1", b"1h", b"a" * 64, b"a." * 130, b"::", b"=", b",", b"key1=", b"1:", b"/", b"-"),
]  # fmt: skip
TYPE_WORDS = [name.encode() for name in TYPES]


@st.composite
def mutated(draw):
    """Return a good file with some octets, words or lines put in, taken out or doubled."""
    lines = draw(st.lists(st.sampled_from(LINES), max_size=8))
    octets = bytearray(HEAD.encode() + b"\n".join(lines))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(octets)))
        end = min(len(octets), start + draw(st.integers(0, 12)))
        octets[start:end] = draw(st.sampled_from(PIECES) | st.sampled_from(TYPE_WORDS) | st.binary(max_size=6))
    return bytes(octets)


@st.composite
def typed(draw):
    """Return a record of any type with words of any kind."""
    data = draw(st.lists(st.sampled_from(PIECES) | st.sampled_from(TYPE_WORDS) | st.binary(max_size=6), max_size=8))
    return HEAD.encode() + b"a " + draw(st.sampled_from(TYPE_WORDS)) + b" " + b" ".join(data)


def outcome(octets):
    try:
        return read(octets, INCLUDED).contents, ()
    except ConfigError as error:
        return None, error.errors


def hold(octets: bytes) -> None:
    """Read a zone; what comes of it is in order, or it is a ConfigError."""
    start = time.process_time()
    contents, errors = outcome(octets)
    assert time.process_time() - start < SECONDS
    assert len(errors) <= MOST + 1
    assert all(one.line > 0 and one.file in ("z", *INCLUDED) and str(one).isprintable() for one in errors)
    if contents is None:
        assert errors
    else:
        for owner, types in contents.rrsets.items():
            assert is_below(owner, contents.apex)
            assert owner == owner.lower()
            assert len(owner) <= MAX_NAME
            assert labels(owner) is not None
            for rtype, rrset in types.items():
                assert (rrset.owner, rrset.rtype) == (owner, rtype)
                assert 0 <= rrset.ttl < 1 << 31
                assert all(len(rdata) < 1 << 16 for rdata in rrset.rdatas)
                assert rrset.rdatas


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_mutated_zones(octets):
    hold(octets)


@settings(max_examples=700, deadline=None)
@given(typed())
def test_data_of_any_type(octets):
    hold(octets)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_octets(octets):
    hold(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"(" * 100_000,
        b"(\n" * 100_000,
        b")" * 100_000,
        b'"' * 100_001,
        b"\\" * 100_001,
        b"\r" * 100_000,
        b"a\n" * 100_000,
        b"a TXT " + b'"" ' * 100_000,
        b"a" * MAX_ENTRY + b" TXT x",
        b"a." * (MAX_ENTRY // 3) + b" TXT x",
        b"\\065" * (MAX_ENTRY // 5) + b" TXT x",
        b"a TXT " + b"\\065" * (MAX_ENTRY // 5),
        b"a HTTPS 1 " + b"a" * (MAX_ENTRY - 99),
        b"a NSEC b " + b"A " * (MAX_ENTRY // 3),
        b"a APL " + b"1:192.0.2.1/32 " * (MAX_ENTRY // 20),
        b"a TYPE65280 \\# 65535 " + b"00 " * 65535,
        b"a " + b"1" * 200_000 + b" A 192.0.2.1",
        b"a " + b"1s" * 100_000 + b" A 192.0.2.1",
        b"a A " + b"1." * 100_000,
        b"a AAAA " + b":" * 100_000,
        b"$GENERATE 0-65535 a A ${0,255,d}\n" * 50,
        b"$GENERATE 0-65535 a..b TXT x\n" * 50,
        b"$GENERATE 1-1 " + b"${0,255,n}" * 40_000 + b" TXT x\n",
        b'$GENERATE 1-2 a TXT "' + b"\\\\(" * 50_000 + b'"\n',
        b"$INCLUDE " + b"x/" * 200_000,
        b"$INCLUDE a\0b",
        b"a A 192.0.2.1\na CNAME b\n" * 20_000,
        b"a A 192.0.2.1\n" * 20_000,
        b"".join(b"a A 10.0.%d.%d\n" % (i >> 8, i & 255) for i in range(20_000)),
        b"".join(b"a%d CNAME a%d\n" % (i, i + 1) for i in range(20_000)),
        b"@ DNAME @\n" + b"a." * 100 + b" NS x\n",
        b"$ORIGIN a\n" * 200,
    ],
    ids=lambda octets: f"{octets[:24]!r} {len(octets)}",
)
def test_files_that_mean_harm_end_soon(octets):
    hold(HEAD.encode() + octets)
