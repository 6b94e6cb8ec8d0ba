"""The observer that counts, and the page that tells."""

from fedresolver.chain.plugin import Finished, Response, Tally, Visit
from fedresolver.observe.exposition import render
from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.prometheus.metrics import Traffic


class TrafficObserver:
    """Counts the answers of one server block."""

    def __init__(self, traffic: Traffic, server: str) -> None:
        self._traffic = traffic
        self._server = server

    def finished(self, finished: Finished) -> Tally | None:
        """Count an answer and the time that it took; return the tally that all answers of its kind share."""
        return self._traffic.count(self._server, finished)


class Page:
    """The page with all the metrics of the process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def respond(self, visit: Visit) -> Response:
        """Answer in the form that the scraper asks for."""
        body, content_type = render(self._metrics, visit.accept)
        return Response(200, body, content_type)
