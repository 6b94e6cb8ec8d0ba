"""The dashboard has the shape that Grafana reads, and asks for what its variables choose."""

import pytest

from tests.alerting.expressions import dashboard, shown

ROWS = ["Traffic", "Answers by level", "Members", "Health", "Cache", "Upstreams", "Zones", "Process"]
PANELS = [panel for panel in dashboard()["panels"] if panel["type"] != "row"]
WIDTH = 24


def cells(panel):
    """Return the places of the grid that a panel takes."""
    at = panel["gridPos"]
    return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}


def test_it_has_its_rows_in_order():
    assert [panel["title"] for panel in dashboard()["panels"] if panel["type"] == "row"] == ROWS


def test_its_variables_are_the_data_source_the_job_and_the_instance():
    assert [(one["name"], one["type"]) for one in dashboard()["templating"]["list"]] == [
        ("datasource", "datasource"),
        ("job", "query"),
        ("instance", "query"),
    ]


def test_no_panel_covers_another():
    taken = [cell for panel in dashboard()["panels"] for cell in cells(panel)]
    assert len(taken) == len(set(taken))
    assert all(0 <= x < WIDTH for x, _ in taken)


def test_no_number_is_given_twice():
    numbers = [panel["id"] for panel in dashboard()["panels"]]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("panel", [pytest.param(panel, id=panel["title"]) for panel in PANELS])
def test_a_panel_asks_the_data_source_that_is_chosen(panel):
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    assert [panel["datasource"], *(one["datasource"] for one in panel["targets"])] == [chosen] * (
        1 + len(panel["targets"])
    )
    assert panel["targets"]


@pytest.mark.parametrize("expression", [pytest.param(expression, id=expression) for _, expression in shown()])
def test_an_expression_asks_for_the_job_that_is_chosen(expression):
    assert expression.count("{") == expression.count('{job=~"$job", instance=~"$instance"') > 0
