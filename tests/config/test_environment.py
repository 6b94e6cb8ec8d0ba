"""Environment variables in a Corefile."""

import pytest

from fedresolver.config.environment import substitute
from fedresolver.config.lexer import Token
from fedresolver.config.stanza import Stanza
from tests.config.files import outlines, parsed, wrong

ENVIRON = {"A": "x", "B": "y z", "C": "{$A}", "P(x)": "odd"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain", "plain", id="no variable"),
        pytest.param("{$A}", "x", id="Unix form"),
        pytest.param("{%A%}", "x", id="Windows form"),
        pytest.param("a{$A}-{%B%}.{$A}", "ax-y z.x", id="several in one token"),
        pytest.param("a{$NONE}b", "ab", id="one that is not set is empty"),
        pytest.param("{$P(x)}", "odd", id="a name may hold any sign"),
        pytest.param("{$C}", "{$A}", id="a value is not looked into"),
        pytest.param("{$} {%%} {$A {%A} {}", "{$} {%%} {$A {%A} {}", id="what is no variable stays"),
    ],
)
def test_substitute(text, expected):
    stanza = Stanza(Token(text, "f", 1), (Token(text, "f", 1, quoted=True),))
    replaced = Stanza(Token(expected, "f", 1), (Token(expected, "f", 1, quoted=True),))
    assert substitute(stanza, ENVIRON) == replaced


def test_variables_stand_for_keys_directives_arguments_and_quoted_text():
    text = '{$ZONE}:{%PORT%} {\n {$NAME} "a {$WORD}" b{$WORD}\n}'
    corefile = parsed(text, ZONE="Example.org", PORT="1053", NAME="log", WORD="c d")
    assert outlines(corefile) == ["dns://example.org.:1053[log a c d bc d]"]


def test_a_value_opens_and_closes_no_block():
    assert outlines(parsed(". {\n log {$OPEN} {$CLOSE}\n}", OPEN="{", CLOSE="}")) == ["dns://.[log { }]"]


def test_a_variable_may_name_what_is_imported():
    assert outlines(parsed(". {\n import {$WHICH}\n}", {"a.conf": "log"}, WHICH="a.conf")) == ["dns://.[log]"]


def test_a_key_that_is_not_set_says_so():
    assert wrong("{$ZONE} {\n}") == [
        "Corefile:1: the key of this server block is empty; name a zone, `.` for the root; "
        "an environment variable that is not set is empty"
    ]
