from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fedresolver.chain.handler import Verdict
from fedresolver.plugins.cookie.jar import BAD_COOKIE, HERE_IT_IS, MALFORMED, OVER_TCP, Jar, Kind
from fedresolver.wire.cookie import made
from fedresolver.wire.query import Edns
from tests.support.ask import option
from tests.support.request import request

NOW, SECRET, OLD = 1_700_000_000, b"s" * 16, b"o" * 16
CLIENT, ADDRESS = b"12345678", b"\xc0\0\2\7"


def jar(*, required=False, secrets=(SECRET, OLD), now=NOW):
    return Jar(lambda: secrets, lambda: now, required=required)


def asked(*cookies, question=True, **how):
    """Return a query with these cookies, and its client."""
    edns = Edns(1232, options=option(65001, b"x") + b"".join(option(10, cookie) for cookie in cookies))
    found = request(edns=edns if cookies or not question else None, **how)
    query = found.query if question else replace(found.query, question=b"")
    return query, found.client


def cookie(seconds=0, secret=SECRET, address=ADDRESS):
    """Return a cookie that is so many seconds old."""
    return made(CLIENT, address, secret, NOW - seconds)


@pytest.mark.parametrize(
    ("cookies", "back"),
    [
        pytest.param((), None, id="no cookie"),
        pytest.param((CLIENT,), cookie(), id="that of a client alone"),
        pytest.param((CLIENT, b"87654321"), cookie(), id="two: the first one counts"),
        pytest.param((cookie(1700),), cookie(1700), id="a fresh one comes back"),
        pytest.param((cookie(1900),), cookie(), id="an old one is renewed"),
        pytest.param((cookie(4000),), cookie(), id="one that holds no more"),
        pytest.param((cookie(60, OLD),), cookie(60, OLD), id="made with the secret before"),
        pytest.param((cookie(60, b"x" * 16),), cookie(), id="made with another secret"),
        pytest.param((cookie(60, address=b"\xc0\0\2\x08"),), cookie(), id="made for another client"),
        pytest.param((CLIENT + b"12345678",), cookie(), id="made by another server in another way"),
        pytest.param((b"1234567",), None, id="too short"),
    ],
)
def test_which_cookie_goes_back(cookies, back):
    assert jar().options(*asked(*cookies)) == (b"" if back is None else option(10, back))


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls", "https"])
@pytest.mark.parametrize(
    ("cookies", "reply", "required"),
    [
        pytest.param((), None, OVER_TCP, id="no cookie"),
        pytest.param((CLIENT,), None, BAD_COOKIE, id="that of a client alone"),
        pytest.param((cookie(60),), None, None, id="a valid one"),
        pytest.param((cookie(1900),), None, None, id="a valid one that is renewed"),
        pytest.param((cookie(4000),), None, BAD_COOKIE, id="one that holds no more"),
        pytest.param((bytes(7),), MALFORMED, MALFORMED, id="seven octets"),
        pytest.param((b"",), MALFORMED, MALFORMED, id="no octets"),
        pytest.param((bytes(12),), MALFORMED, MALFORMED, id="twelve octets"),
        pytest.param((bytes(41),), MALFORMED, MALFORMED, id="41 octets"),
    ],
)
def test_what_is_answered_in_place_of_an_answer(cookies, reply, required, transport):
    assert jar().gate(*asked(*cookies, transport=transport)) == reply
    wanted = required if transport == "udp" or required is MALFORMED else None
    assert jar(required=True).gate(*asked(*cookies, transport=transport)) == wanted


def test_who_has_no_cookie_is_told_to_come_over_tcp():
    assert OVER_TCP.verdict is Verdict.SLIP


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize(
    ("cookies", "reply"), [((), None), ((CLIENT,), HERE_IT_IS), ((cookie(),), HERE_IT_IS), ((bytes(9),), MALFORMED)]
)
def test_who_wants_nothing_but_a_cookie_gets_it(cookies, reply, required):
    assert jar(required=required).gate(*asked(*cookies, question=False)) == reply


@pytest.mark.parametrize(
    ("cookies", "proven"), [((), False), ((CLIENT,), False), ((cookie(),), True), ((cookie(4000),), False)]
)
def test_who_has_proven_an_address(cookies, proven):
    assert jar().proves(*asked(*cookies)) == proven


def test_over_ipv6_and_from_an_address_that_stands_for_one_of_ipv4():
    mine = jar()
    v6 = made(CLIENT, b"\x20\x01\x0d\xb8" + bytes(11) + b"\7", SECRET, NOW)
    assert mine.options(*asked(CLIENT, client="2001:db8::7")) == option(10, v6)
    assert mine.options(*asked(CLIENT, client="::ffff:192.0.2.7")) == option(10, cookie())


def test_queries_are_counted_once_each():
    mine = jar()
    for cookies in ((), (CLIENT,), (cookie(),), (cookie(4000),), (b"",), (cookie(),)):
        query = asked(*cookies)
        mine.gate(*query)
        mine.options(*query)
        mine.proves(*query)
    assert {kind.value: number for kind, number in mine.counts.items()} == {
        "absent": 1,
        "malformed": 1,
        "first": 1,
        "foreign": 1,
        "valid": 2,
    }


def test_one_query_is_not_taken_for_another():
    mine = jar()
    good, bad = asked(cookie()), asked(cookie(4000))
    seen = [mine.proves(*query) for query, _ in zip((good, bad, good, bad), count(), strict=False)]
    assert seen == [True, False, True, False]


@given(st.binary(max_size=60), st.booleans())
def test_any_octets_are_some_kind_of_cookie(octets, required):
    mine = jar(required=required)
    query = asked(octets)
    mine.gate(*query)
    assert mine.options(*query) == (
        b"" if mine._kind(*query) is Kind.MALFORMED else option(10, made(octets[:8], ADDRESS, SECRET, NOW))
    )
