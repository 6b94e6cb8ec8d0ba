"""From which of our addresses others hear."""

import pytest

from fedresolver.upstream.source import source


@pytest.mark.parametrize(
    ("hosts", "target", "expected"),
    [
        pytest.param("", "192.0.2.53", None, id="we listen everywhere"),
        pytest.param("0.0.0.0 ::", "192.0.2.53", None, id="everywhere by name"),
        pytest.param("192.0.2.1 192.0.2.2", "192.0.2.53", "192.0.2.1", id="the first"),
        pytest.param("2001:db8::1 192.0.2.2", "192.0.2.53", "192.0.2.2", id="the same family"),
        pytest.param("192.0.2.2", "2001:db8::53", None, id="no address of the family"),
        pytest.param("127.0.0.1", "192.0.2.53", None, id="the loopback leads nowhere else"),
        pytest.param("127.0.0.1 192.0.2.2", "192.0.2.53", "192.0.2.2", id="past the loopback"),
        pytest.param("127.0.0.2", "127.0.0.1", "127.0.0.2", id="from loopback to loopback"),
        pytest.param("fe80::1%lo", "fe80::2%lo", "fe80::1%lo", id="with a scope"),
    ],
)
def test_others_hear_from(hosts, target, expected):
    assert source(hosts.split(), target) == expected
