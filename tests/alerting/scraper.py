"""A real Prometheus with one target, the alerts of this repository, and its HTTP API."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.ask import Address
from tests.support.deadline import eventually
from tests.support.manuals import ROOT
from tests.support.running import free_ports
from tests.tools.prometheus import program

ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
- job_name: fedresolver
  static_configs: [{{targets: ["{target}"]}}]
"""


class ExpressionError(Exception):
    """Prometheus cannot read an expression, or cannot work it out."""


class Scraper:
    """The API of a Prometheus."""

    def __init__(self, port: int) -> None:
        self._base = f"http://127.0.0.1:{port}/api/v1"

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the series that an expression gives now."""
        return self._get("query", query=expression)["result"]

    def parsed(self, expression: str) -> dict[str, Any]:
        """Return an expression as a tree."""
        return self._get("parse_query", query=expression)

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules and how their evaluation goes."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def scraped(self) -> bool:
        """Say whether the target was scraped at least three times, so that rates are known."""
        try:
            found = self.query('count_over_time(up{job="fedresolver"}[1m]) >= 3 and up == 1')
        except (OSError, ExpressionError):  # it does not listen yet, or is not ready
            return False
        return bool(found)

    def _get(self, path: str, **parameters: str) -> Any:
        try:
            with urllib.request.urlopen(
                f"{self._base}/{path}?{urllib.parse.urlencode(parameters)}", timeout=10
            ) as body:
                return json.load(body)["data"]
        except urllib.error.HTTPError as error:
            with error:
                raise ExpressionError(error.read().decode()) from error


@contextmanager
def scraping(folder: Path, target: Address) -> Iterator[Scraper]:
    """Give a Prometheus that has scraped `target` some times, each second; at the end it is killed."""
    (port,) = free_ports(1)
    config = folder / "prometheus.yml"
    config.write_text(CONFIG.format(rules=ALERTS, target=f"{target[0]}:{target[1]}"))
    command = [
        str(program("prometheus")),
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    log = folder / "log"
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, cwd=folder) as child:
        try:
            found = Scraper(port)
            eventually(lambda: child.poll() is not None or found.scraped(), 60.0)
            assert child.poll() is None, log.read_text()
            yield found
        finally:
            child.kill()
