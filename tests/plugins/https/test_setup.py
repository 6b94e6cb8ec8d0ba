"""What the stanza `https` says."""

import pytest

from fedresolver.chain.plugin import Https
from fedresolver.config.errors import ConfigError
from tests.support.setup import plugin


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https", Https()),
        ("https {\n}", Https()),
        ("https {\npath /\n}", Https(path="/")),
        (
            "https {\npath /a/b-c\nmax_streams 7\nmax_connections 0\n}",
            Https(path="/a/b-c", max_streams=7, max_connections=0),
        ),
    ],
)
def test_what_it_says(text, expected):
    assert plugin(text).https == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https x", "Corefile:2: `https` takes no argument, not 1; write `https`"),
        ("https {\npath dns-query\n}", "Corefile:3: `dns-query` is no path of a URL; write one such as `/dns-query`"),
        ("https {\npath /a?b\n}", "Corefile:3: `/a?b` is no path of a URL; write one such as `/dns-query`"),
        ("https {\nmax_streams 0\n}", "Corefile:3: "),
        ("https {\nmax_connections -1\n}", "Corefile:3: "),
        ("https {\nmax_stream 1\n}", "Corefile:3: unknown option `max_stream`"),
        ("https\nhttps", "Corefile:3: "),
    ],
)
def test_what_is_wrong(text, expected):
    with pytest.raises(ConfigError) as error:
        plugin(text)
    assert str(error.value).startswith(expected)
