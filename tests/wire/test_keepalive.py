"""The option edns-tcp-keepalive (RFC 7828)."""

import pytest

from fedresolver.wire.keepalive import keepalive
from fedresolver.wire.query import read
from tests.support.ask import opt, option, raw, wire

WWW = wire("www.example.org")
ASKED = opt(options=option(11, b""))


@pytest.mark.parametrize(("seconds", "timeout"), [(10.0, 100), (0.0, 0), (0.25, 2), (6553.5, 65535), (7000.0, 65535)])
def test_the_timeout_is_told_in_tenths_of_a_second(seconds, timeout):
    assert keepalive(read(raw(WWW, more=ASKED)), seconds) == option(11, timeout.to_bytes(2))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(b"", id="no EDNS"),
        pytest.param(opt(), id="no option"),
        pytest.param(opt(options=option(12, b"")), id="another option"),
        pytest.param(opt(options=option(11, b"\0\x64")), id="one with a timeout, which is a server's"),
        pytest.param(opt(options=option(65001, option(11, b""))), id="one inside of another option"),
    ],
)
def test_nothing_is_told_to_who_does_not_ask(more):
    assert keepalive(read(raw(WWW, more=more)), 10.0) == b""
