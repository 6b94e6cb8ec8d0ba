"""What listens at a place, by its transport: the one table of them."""

from collections.abc import Callable

from fedresolver.run.dns import DnsListener
from fedresolver.run.listener import Blocks, Listener, Means
from fedresolver.run.places import Address, Place
from fedresolver.run.stream import TlsListener


def _over_https(address: Address, blocks: Blocks, means: Means) -> Listener:
    """Return what listens for HTTPS."""
    from fedresolver.run.doh import DohListener  # 11 MiB that a server without it does not need

    return DohListener(address, blocks, means)


TRANSPORTS: dict[str, Callable[[Address, Blocks, Means], Listener]] = {
    "dns": DnsListener,
    "tls": TlsListener,
    "https": _over_https,
}
"""What listens for each transport that is served."""

ENCRYPTED = frozenset({"tls"})
"""The transports that need a certificate; behind a proxy that has one https:// does without."""


def listener(place: Place, blocks: Blocks, means: Means) -> Listener:
    """Return what will listen at `place`, and answers by `blocks`."""
    return TRANSPORTS[place.transport]((place.host, place.port), blocks, means)
