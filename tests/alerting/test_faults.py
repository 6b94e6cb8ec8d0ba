"""Real faults of a real server, until a real Prometheus waits for nothing but time to tell of them.

Of a snapshot that is old only the number is seen to grow: the alert wants five minutes of it.
"""

import shutil
import signal

import pytest

from tests.alerting.everything import everything
from tests.alerting.scraper import scraping
from tests.support.ask import raw, udp_socket, wire
from tests.support.deadline import eventually

SECONDS = 40.0
SERVFAIL = 2
MANY = 900
"""Answers that make more than one a second of five minutes."""


@pytest.fixture
def faulty(authority, tmp_path):
    """A server that soon misses its members, what waits for an alert, and what waits for an expression to give something."""
    for name in ("server", "prometheus"):
        (tmp_path / name).mkdir()
    with (
        everything(tmp_path / "server", authority, stale_after="3s") as served,
        scraping(tmp_path / "prometheus", served.metrics) as scraper,
    ):

        def awaited(alert):
            return any(rule["name"] == alert and rule["state"] != "inactive" for rule in scraper.rules())

        yield (
            served,
            lambda alert: eventually(lambda: awaited(alert), SECONDS),
            lambda expression: eventually(lambda: scraper.query(expression), SECONDS),
        )


def test_each_fault_brings_its_alert(faulty):
    served, comes, shows = faulty
    served.ask("www.dead.test")
    shows('fedresolver_dns_responses_total{rcode="SERVFAIL", zone="dead.test."}')
    with udp_socket(served.slow) as sock:
        sock.settimeout(SECONDS)
        for name in ("a.test", "b.test"):  # the first makes the series, of which only the growth is a rate
            sock.send(raw(wire(name)))
            assert sock.recv(512)[3] & 15 == SERVFAIL
            shows(f'fedresolver_dns_request_duration_seconds_count{{server="dns://:{served.slow[1]}"}}')
    comes("FedresolverMemberForbidden")
    comes("FedresolverMemberExpired")
    comes("FedresolverCredentialExpires")
    for _ in range(MANY):
        served.ask("ill-here.shop.myfederation")
        served.ask("www.dead.test")
    comes("FedresolverFallbackRate")
    comes("FedresolverServfailRate")
    comes("FedresolverLatency")
    shutil.rmtree(served.folder / "kept")
    next(served.changes)
    shows("fedresolver_federation_snapshot_behind_seconds > 2")
    served.lose("c2")
    comes("FedresolverMemberStale")
    comes("FedresolverAllRemotesLost")
    corefile = served.folder / "Corefile"
    corefile.write_text(corefile.read_text() + "nonsense {")
    served.process.signal(signal.SIGUSR1)
    comes("FedresolverReloadFailed")
    served.process.signal(signal.SIGTERM)
    comes("FedresolverNotReady")
    comes("FedresolverDown")
