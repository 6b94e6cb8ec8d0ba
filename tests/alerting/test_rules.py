"""The alerts as Prometheus reads them, and the page behind each."""

import re
import subprocess

import pytest

from fedresolver.cli.main import main
from tests.alerting.expressions import alerts
from tests.alerting.scraper import ALERTS
from tests.support.families import families
from tests.support.manuals import ROOT, sections
from tests.tools.prometheus import program

TESTS = ROOT / "tests" / "alerting" / "alerts_test.yaml"
PAGES = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
EACH = [pytest.param(alert, id=alert["alert"]) for alert in alerts()]
SECTIONS = ["What it means", "See it", "What to do", "If nobody does anything", "When it fires"]


def promtool(*words):
    """Return what promtool prints; AssertionError when it is not content."""
    command = [str(program("promtool")), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_rules_can_be_read():
    assert "12 rules found" in promtool("check", "rules", "--lint=all", "--lint-fatal", ALERTS)


def test_each_fires_when_it_should_and_not_when_it_should_not():
    assert "SUCCESS" in promtool("test", "rules", TESTS)


@pytest.mark.parametrize("alert", EACH)
class TestAlert:
    def test_it_is_shown_to_fire_and_not_to_fire(self, alert):
        text = TESTS.read_text()
        shown = re.findall(rf"alertname: {alert['alert']}\n +eval_time: \w+\n +exp_alerts:(.*)\n", text)
        assert "" in shown
        quiet = {"FedresolverNotReady", "FedresolverMemberForbidden"}  # beside others that fire, in the same moment
        assert " []" in shown or alert["alert"] in quiet

    def test_it_waits_and_says_how_bad_it_is(self, alert):
        assert re.fullmatch(r"\d+m", alert["for"])
        assert alert["labels"] in ({"severity": "warning"}, {"severity": "critical"})

    def test_it_says_whom_it_is_about(self, alert):
        notes = alert["annotations"]
        assert list(notes) == ["summary", "description", "runbook_url"]
        assert "$labels." in notes["description"]
        assert "{{" not in notes["summary"]

    def test_it_has_a_page(self, alert):
        path = f"docs/runbooks/{alert['alert']}.md"
        assert alert["annotations"]["runbook_url"] == path
        text = (ROOT / path).read_text()
        assert text.startswith(f"# {alert['alert']}\n")
        assert list(sections(text)) == SECTIONS

    def test_its_page_says_what_the_rule_says(self, alert):
        text = (ROOT / "docs" / "runbooks" / f"{alert['alert']}.md").read_text()
        assert f"for: {alert['for']}" in sections(text)["When it fires"]
        assert f"severity: {alert['labels']['severity']}" in sections(text)["When it fires"]


def test_what_they_are_tested_on_has_the_labels_that_the_metrics_have(tmp_path):
    known = {family.name: {*family.labels, "job", "instance"} for family in families(tmp_path)}
    known |= {f"{name}_bucket": labels | {"le"} for name, labels in known.items()} | {"up": {"job", "instance"}}
    series = re.findall(r"- series: (\w+)\{(.*)\}", TESTS.read_text())
    assert len(series) > 30
    missing = {"server"}  # of answers of a federation, by which no alert asks
    for name, labels in series:
        given = set(re.findall(r'(\w+)="', labels))
        assert given <= known[name]
        assert known[name] - given <= missing


@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in PAGES])
def test_the_commands_of_a_page_are_those_that_there_are(page):
    lines = re.findall(
        r"^ {4}fedresolver (.*?)(?: \|.*)?$|`fedresolver ([a-z]+ [^`]*?)(?: \|[^`]*)?`", page.read_text(), re.M
    )
    for line in filter(None, (first or second for first, second in lines)):
        word, *rest = line.split()
        main.commands[word].make_context(word, rest)


def test_there_is_a_page_for_nothing_else():
    assert {page.stem for page in PAGES} == {alert["alert"] for alert in alerts()}
