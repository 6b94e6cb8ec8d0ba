"""The addresses of API servers by name, as the system knows them."""

import socket
from functools import partial

from aiohttp.abc import AbstractResolver, ResolveResult

from fedresolver.watch.worker import beside


class Lookup(AbstractResolver):
    """Asks the system in a thread of its own for each name: a name server that is silent holds up only who asks it.

    The event loop's own threads are few and shared, and waited for at the end of the process.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host; OSError when it has none."""
        ask = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=found,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found, _, protocol, _, address in await beside(ask)
        ]

    async def close(self) -> None:
        """Have nothing to end."""
