"""The numbers of the connections that clients hold, by server block."""

from collections import Counter
from collections.abc import Iterable

from fedresolver.observe.metrics import Metrics
from fedresolver.run.listener import Listener
from fedresolver.run.places import Place, label


class Crowds:
    """Tells `metrics` of the crowd at each listener; several addresses of one port are counted together."""

    def __init__(self, metrics: Metrics) -> None:
        self._open = metrics.gauge(
            "fedresolver_connections", "Connections of clients that are open.", ("server",), read=True
        )
        self._refused = metrics.counter(
            "fedresolver_connections_refused_total",
            "Connections that were ended as they came, for there were too many.",
            ("server",),
        )
        self._failed = metrics.counter(
            "fedresolver_tls_handshakes_failed_total", "Handshakes of TLS that came to no good end.", ("server",)
        )

    def read(self, listeners: Iterable[tuple[Place, Listener]]) -> None:
        """Bring the numbers up to date."""
        held, refused, failed = Counter[str](), Counter[str](), Counter[str]()
        for place, listener in listeners:
            server, crowd = label(place.transport, place.port), listener.crowd
            if crowd is None:
                continue
            held[server] += crowd.connections
            refused[server] += crowd.refused
            failed[server] += crowd.failed
        for server, connections in held.items():
            self._open.set(connections, server)
            self._refused.come_to(refused[server], server)
            if not server.startswith("dns:"):
                self._failed.come_to(failed[server], server)
