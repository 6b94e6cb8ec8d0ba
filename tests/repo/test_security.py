"""What the threat model says is shown by tests is shown by tests that are there."""

import re

import pytest

from tests.support.manuals import ROOT

ROWS = [
    line
    for line in (ROOT / "SECURITY.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and "`tests/" in line
]


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[2].strip() for row in ROWS])
def test_a_row_names_tests_that_there_are(row):
    named = re.findall(r"`(tests/[^`]+)`", row)
    assert len(named) == 1
    path, _, test = named[0].partition("::")
    assert (ROOT / path).exists()
    if test:
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8")


def test_every_row_names_one():
    lines = (ROOT / "SECURITY.md").read_text(encoding="utf-8").splitlines()
    assert len(ROWS) == sum(line.startswith("| ") for line in lines) - 2
