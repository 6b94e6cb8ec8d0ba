"""Every metric is documented, none is that does not exist, and their names follow the rules of Prometheus."""

import re

import pytest

from tests.support.families import families, row
from tests.support.manuals import ROOT, pages

NAME = re.compile(r"\bfedresolver_[a-z0-9_]*[a-z0-9]\b")
MADE = re.compile(r'\.(counter|gauge|histogram)\(\s*"([^"]+)",\s*"([^"]+)"')
SOURCES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "fedresolver").glob("**/*.py"))]
FAMILIES = [pytest.param(*found, id=found[1]) for source in SOURCES for found in MADE.findall(source)]
UNITS = ("_seconds", "_bytes", "_ratio", "_info")
NO_BASE_UNITS = {"ms", "milliseconds", "minutes", "hours", "days", "kilobytes", "bits", "percent", "octets"}
KINDS = {"counter", "gauge", "histogram", "summary"}
RESERVED = ("_count", "_sum", "_bucket", "_created")


def named(texts, pattern=NAME):
    return {name for text in texts for name in pattern.findall(text)}


def test_what_is_made_is_documented_and_the_other_way_round():
    made = {family.values[1] for family in FAMILIES}
    told = named(page.read_text(encoding="utf-8") for page in pages())
    assert made == {name.removesuffix("_bucket") for name in told}


def test_no_name_is_hidden_from_this_test():
    in_code = named(SOURCES, re.compile(r'"(fedresolver_[a-z0-9_]*[a-z0-9])"'))
    assert in_code == {family.values[1] for family in FAMILIES}


@pytest.mark.parametrize(("kind", "name", "text"), FAMILIES)
def test_names_follow_the_rules(kind, name, text):
    words = set(name.split("_"))
    assert name.endswith("_total") == (kind == "counter")
    assert kind != "histogram" or name.endswith(UNITS)
    assert not words & (NO_BASE_UNITS | KINDS)
    assert not name.endswith(RESERVED)
    assert text.endswith(".")


@pytest.fixture
def rows(tmp_path):
    """The rows of all families that there are."""
    return [row(family) for family in families(tmp_path)]


def test_one_table_has_them_all(rows):
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("| `fedresolver_")] == rows


def test_no_family_is_hidden_from_the_table(rows):
    assert len(rows) == len({family.values[1] for family in FAMILIES})


def test_the_table_says_what_every_label_may_be(tmp_path):
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    said = set(re.findall(r"`(\w+)`", page[: page.index("## All of them")]))
    assert {label for family in families(tmp_path) for label in family.labels} <= said
