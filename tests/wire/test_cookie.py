"""Server cookies: the vectors of RFC 9018, for how long they hold, and whose they are."""

from ipaddress import ip_address

import pytest

from fedresolver.wire.cookie import is_fresh, is_malformed, is_valid, made
from fedresolver.wire.siphash import siphash

HOUR = 3600
SECRET = bytes.fromhex("e5e973e5a6b2a43f48e7dc849e37bfcf")
OLD, NEW = bytes.fromhex("dd3bdf9344b678b185a6f5cb60fca715"), bytes.fromhex("445536bcd2513298075a5d379663c962")


def address(text):
    return ip_address(text).packed


@pytest.mark.parametrize(
    ("size", "hash_"),
    [
        (0, "310e0edd47db6f72"),
        (1, "fd67dc93c539f874"),
        (7, "37d1018bf50002ab"),
        (8, "6224939a79f5f593"),
        (15, "e545be4961ca29a1"),
        (16, "db9bc2577fcc2a3f"),
        (63, "724506eb4c328a95"),
    ],
)
def test_the_hash_is_that_of_its_authors(size, hash_):
    assert siphash(bytes(range(16)), bytes(range(size))).hex() == hash_


@pytest.mark.parametrize(
    ("client", "where", "secret", "now", "cookie"),
    [
        pytest.param(
            "2464c4abcf10c957",
            "198.51.100.100",
            SECRET,
            1559731985,
            "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
            id="A.1, a new client",
        ),
        pytest.param(
            "2464c4abcf10c957",
            "198.51.100.100",
            SECRET,
            1559734385,
            "2464c4abcf10c957010000005cf7a871d4a564a1442aca77",
            id="A.2, the same client, renewed",
        ),
        pytest.param(
            "fc93fc62807ddb86",
            "203.0.113.203",
            SECRET,
            1559734700,
            "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e",
            id="A.3, another client, renewed",
        ),
        pytest.param(
            "22681ab97d52c298",
            "2001:db8:220:1:59de:d0f4:8769:82b8",
            NEW,
            1559741961,
            "22681ab97d52c298010000005cf7c609a6bb79d16625507a",
            id="A.4, over IPv6, after the secret was replaced",
        ),
    ],
)
def test_cookies_are_those_of_rfc_9018(client, where, secret, now, cookie):
    assert made(bytes.fromhex(client), address(where), secret, now).hex() == cookie
    assert is_valid(bytes.fromhex(cookie), address(where), (secret,), now)


@pytest.mark.parametrize(
    ("cookie", "where", "secrets", "now", "valid", "fresh"),
    [
        pytest.param(
            "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
            "198.51.100.100",
            (SECRET,),
            1559734385,
            True,
            False,
            id="A.2, forty minutes old",
        ),
        pytest.param(
            "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5",
            "203.0.113.203",
            (SECRET,),
            1559734700,
            False,
            False,
            id="A.3, hours old",
        ),
        pytest.param(
            "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5",
            "203.0.113.203",
            (SECRET,),
            1559728000,
            True,
            True,
            id="A.3, when it was new, with octets that mean nothing to us",
        ),
        pytest.param(
            "22681ab97d52c298010000005cf7c57926556bd0934c72f8",
            "2001:db8:220:1:59de:d0f4:8769:82b8",
            (NEW, OLD),
            1559741961,
            True,
            True,
            id="A.4, made with the secret before",
        ),
        pytest.param(
            "22681ab97d52c298010000005cf7c57926556bd0934c72f8",
            "2001:db8:220:1:59de:d0f4:8769:82b8",
            (NEW,),
            1559741961,
            False,
            True,
            id="made with a secret that holds no more",
        ),
        pytest.param(
            "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
            "198.51.100.101",
            (SECRET,),
            1559731985,
            False,
            True,
            id="sent by somebody else",
        ),
        pytest.param(
            "2464c4abcf10c957020000005cf79f111f8130c3eee29480",
            "198.51.100.100",
            (SECRET,),
            1559731985,
            False,
            True,
            id="of version 2",
        ),
        pytest.param(
            "2464c4abcf10c957010000005cf79f111f8130c3eee2948000",
            "198.51.100.100",
            (SECRET,),
            1559731985,
            False,
            True,
            id="an octet too long",
        ),
    ],
)
def test_whose_cookies_are_valid(cookie, where, secrets, now, valid, fresh):
    assert is_valid(bytes.fromhex(cookie), address(where), secrets, now) == valid
    assert is_fresh(bytes.fromhex(cookie), now) == fresh


@pytest.mark.parametrize("then", [1_700_000_000, (1 << 32) + 100], ids=["now", "in 2106, when the seconds begin anew"])
@pytest.mark.parametrize(
    ("seconds", "valid", "fresh"),
    [
        (0, True, True),
        (1800, True, True),
        (1801, True, False),
        (HOUR, True, False),
        (HOUR + 1, False, False),
        (-300, True, True),
        (-301, False, True),
    ],
)
def test_how_long_a_cookie_holds(then, seconds, valid, fresh):
    cookie = made(b"12345678", b"\x7f\0\0\1", SECRET, then)
    assert is_valid(cookie, b"\x7f\0\0\1", (SECRET,), then + seconds) == valid
    assert is_fresh(cookie, then + seconds) == fresh


def test_which_lengths_a_client_may_send():
    assert [size for size in range(50) if not is_malformed(bytes(size))] == [8, *range(16, 41)]
