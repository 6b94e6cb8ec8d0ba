"""The figures in docs/tune.md are those of the benchmarks."""

import re

import pytest

from tests.support.manuals import ROOT

FIGURE = re.compile(r"`([a-z0-9-]+)`\s+(\d+(?:\.\d+)?)(?=[\s:;,.])")
TUNE = (ROOT / "docs" / "tune.md").read_text(encoding="utf-8")
RESULTS = (ROOT / "bench" / "README.md").read_text(encoding="utf-8").partition("## Results")[2]


def measured(case):
    """Return the figures of a case; those of its variants, as in `case, probe off`, are its own."""
    rows = re.findall(rf"^\| {case}(?:, [^|]*)? *\|(.*)$", RESULTS, re.MULTILINE)
    return {number for row in rows for number in re.findall(r"\d+(?:\.\d+)?", re.sub(r"\(.*?\)", "", row))}


@pytest.mark.parametrize(("case", "figure"), sorted(set(FIGURE.findall(TUNE))))
def test_it_was_measured(case, figure):
    assert figure in measured(case)


def test_there_are_figures():
    assert len(set(FIGURE.findall(TUNE))) > 20
