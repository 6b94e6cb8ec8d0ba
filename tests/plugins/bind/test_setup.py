import pytest

from fedresolver.config.read import ConfigError
from fedresolver.plugins.bind.setup import parse, resolve
from fedresolver.server.interfaces import interfaces
from tests.support.setup import plugin, stanzas

KNOWN = {"lo": ("127.0.0.1", "::1"), "eth0": ("192.0.2.2", "192.0.2.3", "2001:db8::2")}


def addresses(text):
    (stanza,) = stanzas(text)
    return resolve(stanza, parse(stanza), KNOWN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("bind 127.0.0.1", ("127.0.0.1",), id="an address"),
        pytest.param("bind 127.0.0.1 ::1", ("127.0.0.1", "::1"), id="addresses of both families"),
        pytest.param("bind 2001:DB8:0::1", ("2001:db8::1",), id="an address in its usual form"),
        pytest.param("bind fe80::1%eth0", ("fe80::1%eth0",), id="a link-local address by its zone"),
        pytest.param("bind lo", ("127.0.0.1", "::1"), id="an interface is all its addresses"),
        pytest.param("bind lo 192.0.2.2", ("127.0.0.1", "::1", "192.0.2.2"), id="both kinds"),
        pytest.param("bind lo {\nexcept ::1\n}", ("127.0.0.1",), id="except an address"),
        pytest.param("bind lo eth0 {\nexcept lo 192.0.2.3\n}", ("192.0.2.2", "2001:db8::2"), id="except an interface"),
    ],
)
def test_which_addresses(text, expected):
    assert addresses(text) == expected


RIGHT = "write an IP address, or the name of an interface of this machine"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(
            "bind", "Corefile:2: `bind` takes 1 or more arguments, not 0; write `bind ADDRESS|IFACE...`", id="nothing"
        ),
        pytest.param("bind eth9", f"Corefile:2: `eth9` is no address and no interface with one; {RIGHT}", id="unknown"),
        pytest.param(
            "bind lo {\nexcept eth9\n}",
            f"Corefile:3: `eth9` is no address and no interface with one; {RIGHT}",
            id="except",
        ),
        pytest.param(
            "bind lo {\nexcept 127.0.0.1 ::1\n}",
            "Corefile:2: `bind` leaves no address to listen on; except fewer",
            id="none left",
        ),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        addresses(text)
    assert str(caught.value) == error


def test_several_binds_are_one_without_twins():
    assert plugin("bind 127.0.0.1\nbind 127.0.0.2 127.0.0.1").addresses == ("127.0.0.1", "127.0.0.2")


def test_the_loopback_of_this_machine_is_known():
    assert "127.0.0.1" in interfaces()["lo"]
