import asyncio

import pytest

from fedresolver.chain.plugin import Visit
from fedresolver.config.read import ConfigError
from fedresolver.plugins.prometheus.setup import Settings, parse
from fedresolver.wire.name import from_text
from tests.support.request import finished
from tests.support.setup import Surroundings, plugin, stanzas


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param("prometheus", Settings(address=("localhost", 9153)), id="defaults"),
        pytest.param("prometheus :9253", Settings(address=("", 9253)), id="a port on every address"),
    ],
)
def test_what_it_says(text, settings):
    (stanza,) = stanzas(text)
    assert parse(stanza) == settings


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("prometheus bla", "Corefile:2: `bla` has no port; write HOST:PORT or [IPV6]:PORT", id="no port"),
        pytest.param(
            "prometheus {\ntls x\n}", "Corefile:2: `prometheus` takes no block; remove its `{` and `}`", id="a block"
        ),
        pytest.param(
            "prometheus\nprometheus",
            "Corefile:3: `prometheus` is given twice in this server block, first at Corefile:2; remove one",
            id="twice",
        ),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error


def page(made, accept=""):
    made.reader()
    return asyncio.run(made.routes[0].respond(Visit(accept)))


def test_the_page_has_what_was_counted():
    made = plugin("prometheus")
    made.observer.finished(finished())
    response = page(made)
    line = b'fedresolver_dns_requests_total{family="1",proto="udp",server="dns://:53",type="A",zone="."} 1.0\n'
    assert response.status == 200
    assert line in response.body
    assert response.content_type.startswith("text/plain; version=0.0.4")


def test_a_scraper_may_ask_for_openmetrics():
    response = page(plugin("prometheus"), "application/openmetrics-text; version=1.0.0")
    assert response.content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert response.body.endswith(b"# EOF\n")


def test_the_page_has_the_plugins_of_each_zone_that_are_in_force():
    around = Surroundings()
    zones = (from_text("."), from_text("example.org"))
    before = plugin("prometheus", around, plugins=("reload", "prometheus"))
    after = plugin("prometheus", around, zones=zones, plugins=("prometheus", "whoami"))
    around.metrics.read_with([before.reader])
    around.metrics.families()
    around.metrics.read_with([after.reader])
    (enabled,) = (family for family in around.metrics.families() if family.name == "fedresolver_plugin_enabled")
    names = {(zone, name) for zone in (".", "example.org.") for name in ("prometheus", "whoami")}
    assert enabled.values == {("dns://:53", *pair): 1 for pair in names}


def test_numbers_outlive_a_reload_and_are_counted_in_the_same_tallies():
    around = Surroundings()
    tally = plugin("prometheus", around).observer.finished(finished())
    made = plugin("prometheus :1", around)
    assert made.observer.finished(finished()) is tally
    assert b'zone="."} 2.0\n' in page(made).body
