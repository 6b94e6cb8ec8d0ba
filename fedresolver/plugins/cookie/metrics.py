"""What is told of cookies."""

from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.cookie.jar import Jar


class CookieMetrics:
    """The numbers of all server blocks with `cookie`; there is one in a process."""

    def __init__(self, metrics: Metrics) -> None:
        self.queries = metrics.counter(
            "fedresolver_cookie_queries_total", "Queries by what they had for a cookie.", ("server", "kind")
        )

    def tell(self, jar: Jar, server: str) -> None:
        """Move the counts of a server block to the numbers of the process."""
        for kind, count in jar.counts.items():
            self.queries.add(server, kind.value, by=count)
            jar.counts[kind] = 0
