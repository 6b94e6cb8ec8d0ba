import pytest

from fedresolver.chain.plugin import Plugin
from fedresolver.config.read import ConfigError
from fedresolver.plugins.reload.setup import Settings, parse
from tests.support.setup import Surroundings, plugin, stanzas


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param("reload", Settings(interval=30, jitter=15), id="defaults"),
        pytest.param("reload 1m", Settings(interval=60, jitter=15), id="an interval"),
        pytest.param("reload 10", Settings(interval=10, jitter=5), id="a jitter is at most half the interval"),
        pytest.param("reload 1m 20s", Settings(interval=60, jitter=20), id="both"),
        pytest.param("reload 2s 1s", Settings(interval=2, jitter=1), id="the least"),
        pytest.param("reload off", Settings(watch=False), id="off"),
    ],
)
def test_what_it_says(text, settings):
    (stanza,) = stanzas(text)
    assert parse(stanza) == settings


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(
            "reload 1s", "Corefile:2: the interval `1s` is too short; write 2s or more", id="a short interval"
        ),
        pytest.param("reload 10s 0s", "Corefile:2: the jitter `0s` is too short; write 1s or more", id="no jitter"),
        pytest.param(
            "reload soon",
            "Corefile:2: `soon` is no duration; write seconds, or a duration as 30s, 1m30s, 100ms",
            id="no duration",
        ),
        pytest.param(
            "reload 10s 5s 1s",
            "Corefile:2: `reload` takes 0 to 2 arguments, not 3; write `reload [INTERVAL] [JITTER]` or `reload off`",
            id="three",
        ),
        pytest.param(
            "reload\nreload",
            "Corefile:3: `reload` is given twice in this server block, first at Corefile:2; remove one",
            id="twice",
        ),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error


def test_off_watches_nothing():
    assert plugin("reload off") == Plugin()


def test_the_same_settings_keep_the_watch_and_others_do_not():
    around = Surroundings()
    (first,) = plugin("reload", around).units
    (same,) = plugin("reload 30s 15s", around).units
    (other,) = plugin("reload 20s", around).units
    assert same is first
    assert other is not first
