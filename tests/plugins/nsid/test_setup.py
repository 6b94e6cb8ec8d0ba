import socket

import pytest

from fedresolver.config.read import ConfigError
from fedresolver.wire.query import Edns
from tests.support.ask import option
from tests.support.request import request
from tests.support.setup import plugin


def told(text, edns):
    found = request(edns=edns)
    return plugin(text).options(found.query, found.client)


ASKED = Edns(1232, options=option(65001, b"x") + option(3, b""))


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("nsid oslo", b"oslo"),
        ("nsid Use The Force", b"Use The Force"),
        ('nsid "a  b" c', b"a  b c"),
        ("nsid æ", "æ".encode()),
        ("nsid " + "a" * 128, b"a" * 128),
        ("nsid", socket.gethostname().encode()),
    ],
)
def test_who_asks_is_told(text, data):
    assert told(text, ASKED) == option(3, data)


@pytest.mark.parametrize("edns", [None, Edns(1232), Edns(1232, options=option(65001, b"\0\3\0\0"))])
def test_who_does_not_ask_is_not(edns):
    assert told("nsid oslo", edns) == b""


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("nsid " + "a" * 129, "Corefile:2: the identifier has 129 octets; use at most 128"),
        ("nsid a\nnsid b", "Corefile:3: `nsid` is given twice in this server block, first at Corefile:2; remove one"),
        ("nsid {\n}", "Corefile:2: `nsid` takes no block; remove its `{` and `}`"),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error
