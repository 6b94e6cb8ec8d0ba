"""Every expression of alerts and dashboard, worked out by a real Prometheus on what a real server tells."""

import pytest

from tests.alerting.expressions import alerts, filled, selectors, shown
from tests.support.deadline import eventually

DASHBOARD = [pytest.param(filled(expression), id=f"{title}: {expression}") for title, expression in shown()]
ALERTS = [pytest.param(alert["expr"], id=alert["alert"]) for alert in alerts()]
SECONDS = 30.0


@pytest.mark.parametrize("expression", DASHBOARD)
def test_a_panel_shows_something(served, scraper, expression):
    def found():
        served.use()
        return scraper.query(expression)

    eventually(found, SECONDS)


@pytest.mark.parametrize("expression", [*DASHBOARD, *ALERTS])
def test_what_is_asked_for_is_there_with_all_of_its_labels(scraper, expression):
    asked = set(selectors(scraper.parsed(expression)))
    assert asked
    for name, labels in asked:
        wanted = ", ".join(f'{label}!=""' for label in sorted(labels))
        eventually(lambda query=f"{name}{{{wanted}}}": scraper.query(query), SECONDS)


@pytest.mark.parametrize("alert", [pytest.param(alert["alert"], id=alert["alert"]) for alert in alerts()])
def test_an_alert_is_worked_out(scraper, alert):
    def good():
        return [rule["health"] == "ok" for rule in scraper.rules() if rule["name"] == alert]

    eventually(lambda: good() == [True], SECONDS)


def test_what_is_wrong_here_is_found(scraper):
    """One of the members forbids everything, and was given up, and only its credential ends soon."""

    def firing():
        return {rule["name"] for rule in scraper.rules() if rule["state"] != "inactive"}

    expected = {"FedresolverMemberExpired", "FedresolverMemberForbidden", "FedresolverCredentialExpires"}
    assert eventually(lambda: expected <= firing() and firing(), SECONDS) - {"FedresolverFallbackRate"} == expected


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("fedresolver_no_such_thing", id="a metric that is not there"),
        pytest.param('fedresolver_ready{member="c1"}', id="a label that it does not have"),
        pytest.param("sum by (member) (fedresolver_ready)", id="gathered by a label that it does not have"),
    ],
)
def test_this_test_can_fail(scraper, expression):
    ((name, labels),) = selectors(scraper.parsed(expression))
    wanted = ", ".join(f'{label}!=""' for label in labels)
    assert scraper.query(f"{name}{{{wanted}}}") == []
