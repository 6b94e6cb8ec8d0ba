import asyncio

import pytest

from fedresolver.chain.plugin import Response, Visit
from fedresolver.config.read import ConfigError
from fedresolver.plugins.health.setup import Settings, parse
from tests.support.setup import plugin, stanzas


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param("health", Settings(address=("", 8080), lameduck=0), id="defaults"),
        pytest.param("health localhost:8091", Settings(address=("localhost", 8091)), id="an address"),
        pytest.param("health [::1]:8091", Settings(address=("::1", 8091)), id="an IPv6 address"),
        pytest.param("health {\nlameduck 1m30s\n}", Settings(lameduck=90), id="a Go duration"),
        pytest.param("health :1 {\nlameduck 5\n}", Settings(address=("", 1), lameduck=5), id="plain seconds"),
    ],
)
def test_what_it_says(text, settings):
    (stanza,) = stanzas(text)
    assert parse(stanza) == settings


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(
            "health a b", "Corefile:2: `health` takes 0 to 1 argument, not 2; write `health [ADDRESS]`", id="two"
        ),
        pytest.param("health bla", "Corefile:2: `bla` has no port; write HOST:PORT or [IPV6]:PORT", id="no port"),
        pytest.param(
            "health {\nlameduk 5s\n}", "Corefile:3: unknown option `lameduk`; did you mean `lameduck`?", id="a slip"
        ),
        pytest.param(
            "health {\nlameduck\n}",
            "Corefile:3: `lameduck` takes 1 argument, not 0; write `lameduck DURATION`",
            id="no duration",
        ),
        pytest.param(
            "health\nhealth",
            "Corefile:3: `health` is given twice in this server block, first at Corefile:2; remove one",
            id="twice",
        ),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error


def test_the_page_and_the_lameduck_time():
    made = plugin("health localhost:8091 {\nlameduck 5s\n}")
    (route,) = made.routes
    assert (route.host, route.port, route.path, made.lameduck) == ("localhost", 8091, "/health", 5)
    assert asyncio.run(route.respond(Visit())) == Response(200, b"OK")
