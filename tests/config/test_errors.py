"""What errors look like."""

import pytest

from fedresolver.config.errors import ConfigError, Errors, StanzaError, listed, shown, suggestion
from fedresolver.config.lexer import Token


def at(line, file="Corefile"):
    return Token("x", file, line)


def test_an_error_says_where_what_and_what_would_be_right():
    error = StanzaError(at(3), "this is wrong", "do that")
    assert (error.file, error.line, error.wrong, error.right) == ("Corefile", 3, "this is wrong", "do that")
    assert str(error) == "Corefile:3: this is wrong; do that"
    assert repr(error) == "StanzaError('Corefile:3: this is wrong; do that')"


def test_an_error_without_advice_ends_there():
    assert str(StanzaError(at(3), "this is wrong")) == "Corefile:3: this is wrong"


def test_several_errors_are_a_line_each():
    first, second = StanzaError(at(1), "a"), StanzaError(at(2), "b")
    error = ConfigError([first, second])
    assert error.errors == (first, second)
    assert str(error) == "Corefile:1: a\nCorefile:2: b"


def test_one_error_is_caught_like_many():
    error = StanzaError(at(1), "a")
    assert isinstance(error, ConfigError)
    assert error.errors == (error,)


def test_gathered_errors_come_by_file_and_line():
    errors = Errors()
    errors.add(StanzaError(at(5), "later"))
    with errors.gather():
        raise ConfigError([StanzaError(at(9, "a.conf"), "imported"), StanzaError(at(2), "earlier")])
    with pytest.raises(ConfigError) as caught:
        errors.raise_any()
    assert str(caught.value).splitlines() == ["Corefile:2: earlier", "Corefile:5: later", "a.conf:9: imported"]


def test_the_same_error_is_raised_once():
    errors = Errors()
    errors.add(StanzaError(at(5), "wrong"))
    errors.add(StanzaError(at(5), "wrong"))
    with pytest.raises(ConfigError) as caught:
        errors.raise_any()
    assert len(caught.value.errors) == 1


def test_gathering_lets_other_exceptions_out():
    with pytest.raises(KeyError), Errors().gather():
        raise KeyError


def test_nothing_gathered_raises_nothing():
    errors = Errors()
    with errors.gather():
        pass
    assert errors.raise_any() is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ttl", "`ttl`", id="a word stands between backticks"),
        pytest.param("a\nb\x1b[0m", r"`a\nb\x1b[0m`", id="control characters are escaped"),
        pytest.param("x" * 61, "`" + "x" * 60 + "...`", id="a long word is cut"),
    ],
)
def test_shown(text, expected):
    assert shown(text) == expected


def test_listed():
    assert listed(["a", "b"]) == "`a`, `b`"


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        pytest.param("tll", ["ttl", "local"], "did you mean `ttl`?", id="a slip is corrected"),
        pytest.param("CACHE", ["cache"], "did you mean `cache`?", id="capitals are a slip"),
        pytest.param("xyz", ["ttl", "local"], "known here: `local`, `ttl`", id="else what is known is listed"),
        pytest.param("xyz", [], "known here: nothing", id="where nothing is known it says so"),
        pytest.param("t" * 100_000, ["ttl"], "known here: `ttl`", id="a huge word takes no time"),
    ],
)
def test_suggestion(word, known, expected):
    assert suggestion(word, known) == expected
