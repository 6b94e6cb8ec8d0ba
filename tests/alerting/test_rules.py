"""The alerts as Prometheus reads them, and the page behind each."""

import re
import subprocess

import pytest

from tests.alerting.expressions import alerts
from tests.alerting.scraper import ALERTS
from tests.support.manuals import ROOT, sections
from tests.tools.prometheus import program

TESTS = ROOT / "tests" / "alerting" / "alerts_test.yaml"
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


def test_there_is_a_page_for_nothing_else():
    pages = {page.stem for page in (ROOT / "docs" / "runbooks").glob("*.md")}
    assert pages == {alert["alert"] for alert in alerts()}
