"""Real faults of a real server, until a real Prometheus waits for nothing but time to tell of them."""

import signal

import pytest

from tests.alerting.everything import everything
from tests.alerting.scraper import scraping
from tests.support.deadline import eventually

SECONDS = 40.0
MANY = 900
"""Answers that make more than one a second of five minutes."""


@pytest.fixture
def faulty(authority, tmp_path):
    """A server that soon misses its members, and the names of the alerts that wait or fire."""
    for name in ("server", "prometheus"):
        (tmp_path / name).mkdir()
    with (
        everything(tmp_path / "server", authority, stale_after="3s") as served,
        scraping(tmp_path / "prometheus", served.metrics) as scraper,
    ):

        def awaited(alert):
            return any(rule["name"] == alert and rule["state"] != "inactive" for rule in scraper.rules())

        yield served, lambda alert: eventually(lambda: awaited(alert), SECONDS)


def test_each_fault_brings_its_alert(faulty):
    served, comes = faulty
    comes("FedresolverMemberForbidden")
    comes("FedresolverMemberExpired")
    for _ in range(MANY):
        served.ask("ill-here.shop.myfederation")
    comes("FedresolverFallbackRate")
    served.lose("c2")
    comes("FedresolverMemberStale")
    comes("FedresolverAllRemotesLost")
    served.corefile.write_text(served.corefile.read_text() + "nonsense {")
    served.process.signal(signal.SIGUSR1)
    comes("FedresolverReloadFailed")
    served.process.signal(signal.SIGKILL)
    comes("FedresolverDown")
