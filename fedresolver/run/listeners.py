"""The sockets of the process: which are open, and which a new configuration opens and closes."""

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence

from fedresolver.observe.metrics import Counter
from fedresolver.run.build import Built
from fedresolver.run.places import EVERYWHERE, Address, Place
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

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """What it listens with; nothing while it is not open."""
        return tuple(listener.socket for listener in (self._udp, self._tcp) if listener is not None)

    async def open(self, ours: Sequence[socket.socket]) -> None:
        """Take the address, for both transports; OSError when it cannot be had. `ours` may have the same port."""
        for attempt in range(_TRIES):
            try:
                await self._open(ours)
            except OSError:
                # A port that was drawn for UDP may be taken for TCP.
                if self._wanted[1] != 0 or attempt + 1 == _TRIES:
                    raise
            else:
                return

    async def _open(self, ours: Sequence[socket.socket]) -> None:
        udp = UdpListener(self._wanted, self._resolver, ours)
        try:
            tcp = TcpListener(udp.address, self._resolver, self._clock, ours)
        except OSError:
            await udp.close(0)
            raise
        udp.open()
        await tcp.open()
        self._udp, self._tcp = udp, tcp

    def route(self, router: Router) -> None:
        """Answer by other blocks from now on."""
        self._resolver.route(router)
        self.forget()

    def forget(self) -> None:
        """Make every answer anew."""
        self._resolver.forget()
        for listener in (self._udp, self._tcp):
            if listener is not None:
                listener.hot.clear()

    async def close(self) -> None:
        """Answer what was asked, and give back the address."""
        if self._udp is not None and self._tcp is not None:
            await asyncio.gather(self._udp.close(DRAIN_SECONDS), self._tcp.close(DRAIN_SECONDS))


class Listeners:
    """All listeners of the process, by the addresses that the configuration wants."""

    def __init__(self, clock: Callable[[], float], panics: Counter) -> None:
        self._clock = clock
        self._panics = panics
        self.dns: dict[Place, DnsListener] = {}
        self.http: dict[Address, HttpListener] = {}

    def port(self) -> int:
        """Return a port that queries are answered on: that of the first address."""
        return next(iter(self.dns.values())).address[1]

    async def open(self, built: Built) -> None:
        """Open what `built` wants and is not open; OSError, and nothing is changed, when one cannot be."""
        dns: dict[Place, DnsListener] = {}
        http: dict[Address, HttpListener] = {}
        try:
            for place, blocks in built.blocks.items():
                if place not in self.dns:
                    listener = DnsListener((place.host, place.port), Router(blocks), self._clock, self._panics)
                    if await _opened(listener, place, _sockets(self.dns | dns)):
                        dns[place] = listener
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
        for place, listener in dns.items():
            _say(place.transport, listener.address)
        for page in http.values():
            _say("http", page.address)

    async def go_over(self, built: Built) -> None:
        """Answer by the blocks and pages of `built`, and close what it does not want."""
        for place, blocks in built.blocks.items():
            if place in self.dns:
                self.dns[place].route(Router(blocks))
        for address, routes in built.routes.items():
            self.http[address].routes = routes
        unwanted = [self.dns.pop(place) for place in self.dns.keys() - built.blocks.keys()]
        pages = [self.http.pop(address) for address in self.http.keys() - built.routes.keys()]
        await _close(unwanted, pages)

    def forget(self) -> None:
        """Make every answer anew."""
        for listener in self.dns.values():
            listener.forget()

    async def close(self) -> None:
        """Close everything, DNS first: probes see an answer as long as queries get one."""
        await _close(self.dns.values(), self.http.values())
        self.dns, self.http = {}, {}


def _say(scheme: str, address: Address) -> None:
    host, port = address
    log.info("listening on %s://%s:%d", scheme, f"[{host}]" if ":" in host else host, port)


async def _close(dns: Iterable[DnsListener], http: Iterable[HttpListener]) -> None:
    await asyncio.gather(*(listener.close() for listener in dns))
    await asyncio.gather(*(page.close() for page in http))


def _sockets(dns: Mapping[Place, DnsListener]) -> tuple[socket.socket, ...]:
    return tuple(sock for listener in dns.values() for sock in listener.sockets)


async def _opened(listener: DnsListener, place: Place, ours: Sequence[socket.socket]) -> bool:
    """Open a listener; False where the machine has no IPv6 and nobody asked for it by name."""
    try:
        await listener.open(ours)
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
