import pytest

from tests.alerting.everything import everything
from tests.alerting.scraper import scraping


@pytest.fixture(scope="module")
def served(authority, tmp_path_factory):
    """A server with every plugin that counts."""
    with everything(tmp_path_factory.mktemp("everything"), authority) as found:
        yield found


@pytest.fixture(scope="module")
def scraper(served, tmp_path_factory):
    """A Prometheus that scrapes it."""
    with scraping(tmp_path_factory.mktemp("prometheus"), served.metrics) as found:
        yield found
