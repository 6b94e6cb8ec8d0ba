import pytest

from fedresolver.config.read import ConfigError
from fedresolver.plugins.ready.setup import Settings, parse
from tests.support.setup import plugin, stanzas


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param("ready", Settings(address=("", 8181), monitor="until-ready"), id="defaults"),
        pytest.param("ready 127.0.0.1:1", Settings(address=("127.0.0.1", 1)), id="an address"),
        pytest.param("ready {\nmonitor continuously\n}", Settings(monitor="continuously"), id="continuously"),
        pytest.param("ready {\nmonitor until-ready\n}", Settings(), id="until ready"),
    ],
)
def test_what_it_says(text, settings):
    (stanza,) = stanzas(text)
    assert parse(stanza) == settings


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("ready bla", "Corefile:2: `bla` has no port; write HOST:PORT or [IPV6]:PORT", id="no port"),
        pytest.param(
            "ready {\nmonitor 404\n}",
            "Corefile:3: `404` is not known here; known here: `continuously`, `until-ready`",
            id="an unknown way to monitor",
        ),
        pytest.param(
            "ready :1\nready :2",
            "Corefile:3: `ready` is given twice in this server block, first at Corefile:2; remove one",
            id="twice",
        ),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error
