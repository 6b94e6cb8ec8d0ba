"""What `transfer` reads."""

import pytest

from fedresolver.config.read import ConfigError
from fedresolver.plugins.transfer.setup import parse
from fedresolver.wire.name import from_text
from tests.support.setup import plugin, stanzas


def read(text):
    """Return the zones of a stanza, and of each line its networks, its hosts, and the name of its key."""
    (stanza,) = stanzas(text)
    written = parse(stanza)
    lines = [
        ([str(network) for network in to.networks], list(to.hosts), None if to.key is None else to.key.text)
        for to in written.to
    ]
    return written.zones, lines


EVERYBODY = ["0.0.0.0/0", "::/0"]


@pytest.mark.parametrize(
    ("text", "zones", "lines"),
    [
        pytest.param("transfer {\nto *\n}", [], [(EVERYBODY, [], None)], id="everybody"),
        pytest.param(
            "transfer example.org 192.0.2.0/24 {\nto *\n}",
            ["example.org", "2.0.192.in-addr.arpa"],
            [(EVERYBODY, [], None)],
            id="zones, a network among them",
        ),
        pytest.param(
            "transfer {\nto 192.0.2.1 2001:db8::1\n}",
            [],
            [(["192.0.2.1/32", "2001:db8::1/128"], [("192.0.2.1", 53), ("2001:db8::1", 53)], None)],
            id="hosts",
        ),
        pytest.param(
            "transfer {\nto 192.0.2.1:5353 [2001:db8::1]:54\n}",
            [],
            [(["192.0.2.1/32", "2001:db8::1/128"], [("192.0.2.1", 5353), ("2001:db8::1", 54)], None)],
            id="ports",
        ),
        pytest.param(
            "transfer {\nto 192.0.2.0/24\nto 198.51.100.1\n}",
            [],
            [(["192.0.2.0/24"], [], None), (["198.51.100.1/32"], [("198.51.100.1", 53)], None)],
            id="several lines, a network among them",
        ),
        pytest.param(
            "transfer {\nto * key xfr.example.\n}", [], [(EVERYBODY, [], "xfr.example.")], id="whoever has a key"
        ),
        pytest.param(
            "transfer {\nto 192.0.2.1 key xfr\n}",
            [],
            [(["192.0.2.1/32"], [("192.0.2.1", 53)], "xfr")],
            id="a host with a key",
        ),
    ],
)
def test_what_it_says(text, zones, lines):
    assert read(text) == (tuple(map(from_text, zones)), lines)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("transfer", "Corefile:2: `transfer` says not to whom; write `to ADDRESS", id="no block"),
        pytest.param("transfer {\n}", "Corefile:2: `transfer` says not to whom", id="an empty block"),
        pytest.param("transfer {\nto\n}", "Corefile:3: `to` takes 1 or more arguments, not 0", id="nobody"),
        pytest.param("transfer {\nfor *\n}", "Corefile:3: unknown option `for`", id="an unknown option"),
        pytest.param(
            "transfer {\nto ns.example.org\n}", "Corefile:3: `ns.example.org` is no address; write", id="a name"
        ),
        pytest.param("transfer {\nto 192.0.2.0/33\n}", "Corefile:3: `192.0.2.0/33` is no network", id="no network"),
        pytest.param("transfer {\nto key xfr\n}", "Corefile:3: `key` is followed by one name", id="a key alone"),
        pytest.param("transfer {\nto * key\n}", "Corefile:3: `key` is followed by one name", id="no key"),
        pytest.param("transfer a..b {\nto *\n}", "Corefile:2: the zone `a..b`", id="a bad zone"),
        pytest.param("transfer {\nto * {\n}\n}", "Corefile:3: `to` takes no block", id="a block too many"),
    ],
)
def test_what_is_wrong(text, error):
    (stanza,) = stanzas(text)
    with pytest.raises(ConfigError) as raised:
        parse(stanza)
    assert error in str(raised.value)


def test_a_key_that_nobody_has_defined_is_an_error():
    with pytest.raises(ConfigError, match="Corefile:3: there is no TSIG key `xfr` in this server block"):
        plugin("transfer {\nto * key xfr\n}")


def test_all_that_is_wrong_is_told():
    with pytest.raises(ConfigError) as raised:
        plugin("transfer {\nto x\n}\ntransfer {\n}")
    assert [line.partition(": ")[0] for line in str(raised.value).splitlines()] == ["Corefile:3", "Corefile:5"]
