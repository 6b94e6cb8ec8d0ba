"""Directives that may stand once in a server block."""

import pytest

from fedresolver.config.errors import StanzaError
from fedresolver.config.once import once
from tests.config.files import parsed


def stanzas(text):
    (block,) = parsed(f". {{\n{text}\n}}").blocks
    return block.stanzas


def test_the_only_one():
    only = stanzas("log")
    assert once(only) is only[0]


def test_a_second_one_is_an_error():
    with pytest.raises(StanzaError) as caught:
        once(stanzas("log\nlog\nlog"))
    assert str(caught.value) == (
        "Corefile:3: `log` is given twice in this server block, first at Corefile:2; remove one"
    )
