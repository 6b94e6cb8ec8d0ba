"""A resolver that all the world may use is used for attacks on others: who makes one by accident is told so."""

from collections.abc import Callable, Container, Iterable, Iterator
from ipaddress import ip_address

from fedresolver.run.places import EVERYWHERE
from fedresolver.server.interfaces import interfaces


def own_addresses() -> tuple[str, ...]:
    """Return the addresses of this machine's interfaces."""
    return tuple(address for addresses in interfaces().values() for address in addresses)


def public_addresses(
    hosts: Iterable[str], own: Callable[[], Iterable[str]], closed: Container[int] = ()
) -> Iterator[str]:
    """Yield those of `hosts` that the world can reach; `own` are this machine's, for those that mean all of them.

    `closed` are the IP versions of which strangers get no answer.
    """
    for host in dict.fromkeys(hosts):
        for address in own() if host in EVERYWHERE else (host,):
            found = ip_address(address.partition("%")[0])
            if found.is_global and found.version not in closed:
                yield address
