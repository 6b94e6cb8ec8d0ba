"""The sockets of the process: which are open, and which a new configuration opens and closes."""

import asyncio
import logging
import socket
from collections.abc import Iterable, Mapping, Sequence

from fedresolver.run.build import Built
from fedresolver.run.listener import Listener, Means
from fedresolver.run.places import EVERYWHERE, Address, Place
from fedresolver.run.transports import listener
from fedresolver.server.http import HttpListener

log = logging.getLogger("fedresolver")


class Listeners:
    """All listeners of the process, by the addresses that the configuration wants."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self.dns: dict[Place, Listener] = {}
        self.http: dict[Address, HttpListener] = {}

    def port(self) -> int:
        """Return a port that queries are answered on: that of the first address."""
        return next(iter(self.dns.values())).address[1]

    def urls(self) -> tuple[str, ...]:
        """Return all addresses: `dns://127.0.0.1:53`, `http://127.0.0.1:8053`."""
        dns = (_url(place.transport, one.address) for place, one in self.dns.items())
        return (*dns, *(_url("http", page.address) for page in self.http.values()))

    async def open(self, built: Built) -> None:
        """Open what `built` wants and is not open; OSError, and nothing is changed, when one cannot be."""
        dns: dict[Place, Listener] = {}
        http: dict[Address, HttpListener] = {}
        try:
            for place, blocks in built.blocks.items():
                if place not in self.dns:
                    made = listener(place, blocks, self._means)
                    if await _opened(made, place, _sockets(self.dns | dns)):
                        dns[place] = made
            leaving = [sock for one in self.http.keys() - built.routes.keys() for sock in self.http[one].sockets]
            for address, routes in built.routes.items():
                if address not in self.http:
                    page = HttpListener(*address)
                    page.routes = routes
                    await page.open(leaving)
                    http[address] = page
        except OSError:
            await _close(dns.values(), http.values())
            raise
        self.dns |= dns
        self.http |= http
        for place, made in dns.items():
            _say(place.transport, made.address)
        for page in http.values():
            _say("http", page.address)

    async def go_over(self, built: Built) -> None:
        """Answer by the blocks and pages of `built`, and close what it does not want."""
        for place, blocks in built.blocks.items():
            if place in self.dns:
                self.dns[place].serve(blocks)
        for address, routes in built.routes.items():
            self.http[address].routes = routes
        unwanted = [self.dns.pop(place) for place in self.dns.keys() - built.blocks.keys()]
        pages = [self.http.pop(address) for address in self.http.keys() - built.routes.keys()]
        await _close(unwanted, pages)

    def forget(self) -> None:
        """Make every answer anew."""
        for one in self.dns.values():
            one.forget()

    async def close(self) -> None:
        """Close everything, DNS first: probes see an answer as long as queries get one."""
        await _close(self.dns.values(), self.http.values())
        self.dns, self.http = {}, {}


def _url(scheme: str, address: Address) -> str:
    host, port = address
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _say(scheme: str, address: Address) -> None:
    log.info("listening on %s", _url(scheme, address))


async def _close(dns: Iterable[Listener], http: Iterable[HttpListener]) -> None:
    await asyncio.gather(*(one.close() for one in dns))
    await asyncio.gather(*(page.close() for page in http))


def _sockets(dns: Mapping[Place, Listener]) -> tuple[socket.socket, ...]:
    return tuple(sock for one in dns.values() for sock in one.sockets)


async def _opened(made: Listener, place: Place, ours: Sequence[socket.socket]) -> bool:
    """Open a listener; False where the machine has no IPv6 and nobody asked for it by name."""
    try:
        await made.open(ours)
    except OSError as error:
        if place.host == EVERYWHERE[1] and not _has_ipv6():
            log.info("no IPv6 here: not listening on %s", place.host)
            return False
        raise OSError(error.errno, f"cannot listen on {place.host} port {place.port}: {error.strerror}") from error
    return True


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
