"""The manual of the language says what the code does."""

import re
from pathlib import Path

import pytest

from tests.config.files import parsed, wrong

MANUAL = (Path(__file__).parents[2] / "docs" / "corefile.md").read_text(encoding="utf-8")
FILES = {"sites/a.conf": "example.com {\n}", "common.conf": "errors"}
ENVIRON = {"ZONE": "example.org", "PORT": "1053", "ADDRESS": "192.0.2.1"}


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)


def test_the_manual_has_examples():
    assert len(blocks("corefile")) == 7


@pytest.mark.parametrize("text", blocks("corefile"))
def test_every_example_is_read_without_a_warning(text):
    corefile = parsed(text, FILES, **ENVIRON)
    assert corefile.blocks
    assert not corefile.warnings


def test_the_errors_are_those_of_the_example():
    (text,), (output,) = blocks("corefile-with-errors"), blocks("text")
    assert wrong(text) == output.splitlines()
