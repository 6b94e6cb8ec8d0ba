import pytest

from fedresolver.config.read import ConfigError
from fedresolver.plugins.log.format import COMMON
from fedresolver.plugins.log.setup import Settings, parse
from fedresolver.wire.name import from_text
from tests.support.request import finished
from tests.support.setup import plugin, stanzas

ORG, NET = from_text("example.org"), from_text("example.net")


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param(
            "log", Settings(names=(from_text("."),), format=COMMON, classes=frozenset({"all"})), id="defaults"
        ),
        pytest.param("log example.org example.NET.", Settings(names=(ORG, NET)), id="names"),
        pytest.param("log 10.0.0.0/8", Settings(names=(from_text("10.in-addr.arpa"),)), id="a network is its zone"),
        pytest.param(
            "log example.org {combined}", Settings(names=(ORG,), format="{combined}"), id="a name and a format"
        ),
        pytest.param('log "{name} {type}"', Settings(format="{name} {type}"), id="only a format"),
        pytest.param("log {\nclass denial error\n}", Settings(classes=frozenset({"denial", "error"})), id="classes"),
        pytest.param(
            "log . {\nclass denial\nclass success\n}",
            Settings(classes=frozenset({"denial", "success"})),
            id="classes twice",
        ),
    ],
)
def test_what_it_says(text, settings):
    (stanza,) = stanzas(text)
    assert parse(stanza) == settings


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param(
            "log . {nmae}", "Corefile:2: `{nmae}` stands for nothing; did you mean `{name}`?", id="a slip in a word"
        ),
        pytest.param(
            "log {\nclass none\n}",
            "Corefile:3: `none` is not known here; known here: `all`, `denial`, `error`, `success`",
            id="an unknown class",
        ),
        pytest.param(
            "log {\nclass\n}",
            "Corefile:3: `class` takes 1 or more arguments, not 0; write `class CLASS...`",
            id="no class",
        ),
    ],
)
def test_what_is_wrong(text, error):
    with pytest.raises(ConfigError) as caught:
        plugin(text)
    assert str(caught.value) == error


def test_a_line_is_on_standard_output(capsys):
    plugin('log example.org "first {name}"\nlog . "second {name}"').observer.finished(finished())
    assert capsys.readouterr().out == "[INFO] first www.example.org.\n"
