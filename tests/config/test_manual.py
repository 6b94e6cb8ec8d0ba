"""The manual of the language says what the code does."""

import re
from pathlib import Path

from tests.config.files import wrong
from tests.support.manuals import examples

MANUAL = (Path(__file__).parents[2] / "docs" / "corefile.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)


def test_the_manual_has_examples():
    assert len(examples(MANUAL)) == 7


def test_the_errors_are_those_of_the_example():
    (text,), (output,) = blocks("corefile-with-errors"), blocks("text")
    assert wrong(text) == output.splitlines()
