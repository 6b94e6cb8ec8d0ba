"""Padding of responses (RFC 7830, RFC 8467)."""

import pytest

from fedresolver.wire.padding import BLOCK, is_wanted, padded
from fedresolver.wire.query import read
from tests.support.ask import opt, option, raw, wire

WWW = wire("www.example.org")
EDE = option(15, b"\0\0why")


@pytest.mark.parametrize("options", [b"", EDE], ids=["alone", "behind another option"])
@pytest.mark.parametrize("size", [40, 453, 454, 468, 469, 1232, 40_000])
def test_a_response_is_padded_to_blocks(size, options):
    before = opt(1232, options)
    after = padded(before, size, 65535)
    added = len(after) - len(before)
    assert (size + added) % BLOCK == 0
    assert after == opt(1232, options + option(12, bytes(added - 4)))


@pytest.mark.parametrize(("room", "added"), [(0, 0), (3, 0), (4, 4), (100, 100)])
def test_padding_goes_as_far_as_there_is_room(room, added):
    before = opt()
    after = padded(before, 500, 500 + room)
    assert len(after) - len(before) == added
    assert after == (opt(options=option(12, bytes(added - 4))) if added else before)


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        pytest.param(b"", False, id="no EDNS"),
        pytest.param(opt(), False, id="no option"),
        pytest.param(opt(options=option(11, b"")), False, id="another option"),
        pytest.param(opt(options=option(12, b"")), True, id="an empty one"),
        pytest.param(opt(options=option(11, b"") + option(12, bytes(20))), True, id="one behind another option"),
    ],
)
def test_who_wants_padding_sends_some(more, wanted):
    assert is_wanted(read(raw(WWW, more=more))) is wanted
