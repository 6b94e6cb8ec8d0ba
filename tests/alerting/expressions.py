"""The expressions of alerts and dashboard, and what is in them."""

import json
from collections.abc import Iterator
from typing import Any

import yaml

from tests.alerting.scraper import ALERTS
from tests.support.manuals import ROOT

DASHBOARD = ROOT / "deploy" / "grafana" / "fedresolver.json"
VARIABLES = {"$job": "fedresolver", "$instance": ".*", "$__rate_interval": "1m"}


def alerts() -> list[dict[str, Any]]:
    """Return the alerts."""
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    """Return the dashboard."""
    return json.loads(DASHBOARD.read_text())


def shown() -> list[tuple[str, str]]:
    """Return title and expression of each target of each panel, as they are written."""
    return [(panel["title"], one["expr"]) for panel in dashboard()["panels"] for one in panel.get("targets", ())]


def filled(expression: str) -> str:
    """Return an expression of the dashboard with what Grafana puts in for its variables."""
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def selectors(tree: Any) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield name and labels of each metric in an expression; labels by which it is gathered are those of all in it."""
    yield from _selectors(tree, frozenset())


def _selectors(tree: Any, outer: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    if isinstance(tree, list):
        for one in tree:
            yield from _selectors(one, outer)
    elif isinstance(tree, dict):
        if tree.get("type") == "vectorSelector" or tree.get("type") == "matrixSelector":
            named = {matcher["name"] for matcher in tree["matchers"]} - {"__name__"}
            yield tree["name"], outer | named
            return
        grouping = tree.get("grouping") or () if tree.get("type") == "aggregation" and not tree.get("without") else ()
        for one in tree.values():
            yield from _selectors(one, outer | set(grouping))
