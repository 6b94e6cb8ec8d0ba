"""The sockets of the process: which are open, and which a new configuration opens and closes."""

import logging
import socket
from collections.abc import Callable, Mapping

from fedresolver.observe.metrics import Counter
from fedresolver.run.build import EVERYWHERE, Address, Built
from fedresolver.server.http import HttpListener
from fedresolver.server.resolve import Resolver
from fedresolver.server.router import Router
from fedresolver.server.tcp import TcpListener
from fedresolver.server.udp import UdpListener

DRAIN_SECONDS = 3.0
"""How long what was asked may take to be answered when a listener closes."""
_TRIES = 20
log = logging.getLogger("fedresolver")


class DnsListener:
    """UDP and TCP on one address and port, answered by the same blocks."""

    def __init__(self, address: Address, router: Router, clock: Callable[[], float], panics: Counter) -> None:
        self._resolver = Resolver(router, clock, panics)
        self._wanted = address
        self._clock = clock
        self._udp: UdpListener | None = None
        self._tcp: TcpListener | None = None

    @property
    def address(self) -> Address:
        """Where it listens, with the port that it got."""
        return self._wanted if self._udp is None else self._udp.address

    async def open(self) -> None:
        """Take the address, for both transports; OSError when it cannot be had."""
        for attempt in range(_TRIES):
            try:
                await self._open()
            except OSError:
                # A port that was drawn for UDP may be taken for TCP.
                if self._wanted[1] != 0 or attempt + 1 == _TRIES:
                    raise
            else:
                return

    async def _open(self) -> None:
        host, port = self._wanted
        udp = UdpListener(host, port, self._resolver)
        tcp = TcpListener(host, udp.address[1], self._resolver, self._clock)
        try:
            await tcp.open()
        except OSError:
            await udp.close(0)
            raise
        udp.open()
        self._udp, self._tcp = udp, tcp

    def route(self, router: Router) -> None:
        """Answer by other blocks from now on."""
        self._resolver.route(router)
        for listener in (self._udp, self._tcp):
            if listener is not None:
                listener.hot.clear()

    async def close(self) -> None:
        """Answer what was asked, and give back the address."""
        if self._udp is not None:
            await self._udp.close(DRAIN_SECONDS)
        if self._tcp is not None:
            await self._tcp.close(DRAIN_SECONDS)


class Listeners:
    """All listeners of the process, by the addresses that the configuration wants."""

    def __init__(self, clock: Callable[[], float], panics: Counter) -> None:
        self._clock = clock
        self._panics = panics
        self.dns: dict[Address, DnsListener] = {}
        self.http: dict[Address, HttpListener] = {}

    def port(self) -> int:
        """Return a port that queries are answered on: that of the first address."""
        return next(iter(self.dns.values())).address[1]

    async def open(self, built: Built) -> None:
        """Open what `built` wants and is not open; OSError, and nothing is changed, when one cannot be."""
        dns: dict[Address, DnsListener] = {}
        http: dict[Address, HttpListener] = {}
        try:
            for address, blocks in built.blocks.items():
                if address not in self.dns:
                    listener = DnsListener(address, Router(blocks), self._clock, self._panics)
                    if await _opened(listener, address):
                        dns[address] = listener
            for address, routes in built.routes.items():
                if address not in self.http:
                    page = HttpListener(*address)
                    page.routes = routes
                    await page.open()
                    http[address] = page
        except OSError:
            await _close(dns, http)
            raise
        self.dns |= dns
        self.http |= http

    async def go_over(self, built: Built) -> None:
        """Answer by the blocks and pages of `built`, and close what it does not want."""
        for address, blocks in built.blocks.items():
            if address in self.dns:
                self.dns[address].route(Router(blocks))
        for address, routes in built.routes.items():
            self.http[address].routes = routes
        for address in self.dns.keys() - built.blocks.keys():
            await self.dns.pop(address).close()
        for address in self.http.keys() - built.routes.keys():
            await self.http.pop(address).close()

    async def close(self) -> None:
        """Close everything, DNS first: probes see an answer as long as queries get one."""
        await _close(self.dns, self.http)
        self.dns, self.http = {}, {}


async def _close(dns: Mapping[Address, DnsListener], http: Mapping[Address, HttpListener]) -> None:
    for listener in dns.values():
        await listener.close()
    for page in http.values():
        await page.close()


async def _opened(listener: DnsListener, address: Address) -> bool:
    """Open a listener; False where the machine has no IPv6 and nobody asked for it by name."""
    try:
        await listener.open()
    except OSError as error:
        if address[0] == EVERYWHERE[1] and not _has_ipv6():
            log.info("no IPv6 here: not listening on %s", address[0])
            return False
        raise OSError(error.errno, f"cannot listen on {address[0]} port {address[1]}: {error.strerror}") from error
    return True


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
