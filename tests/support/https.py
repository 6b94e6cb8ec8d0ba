"""DNS over HTTPS: a listener on the loopback, and clients over real sockets."""

import http.client
import socket
import ssl
import time
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fedresolver.chain.handler import Handler
from fedresolver.chain.plugin import Encryption, Https
from fedresolver.observe.metrics import Counter as Numbers
from fedresolver.server.https.listener import HttpsListener, Manner
from fedresolver.server.resolve import Resolver
from fedresolver.server.router import Block
from fedresolver.server.udp import UdpListener
from tests.support.ask import SECONDS, Address
from tests.support.encrypted import secured
from tests.support.http2 import MEDIA_TYPE, Client
from tests.support.listening import answering, router
from tests.support.loop import Loop, looping

HOST = "127.0.0.1"


class Serving:
    """A listener for HTTPS, or HTTP, with one for UDP beside it; `statuses` counts responses."""

    def __init__(
        self, handler: Handler, https: Https, encryption: Encryption | None, clock: Callable[[], float]
    ) -> None:
        self.loop: Loop
        self.statuses: Counter[int] = Counter()
        resolver = Resolver(
            router({".": Block(handler)}), clock, Numbers("fedresolver_panics_total", "", ()), time.time
        )
        manner = Manner(https=https, count=lambda status: self.statuses.update((status,)))
        self.http = HttpsListener((HOST, 0), resolver, clock, (), manner, encryption)
        self.udp = UdpListener((HOST, 0), resolver)

    @property
    def address(self) -> Address:
        return self.http.address

    async def open(self) -> None:
        self.udp.open()
        await self.http.open()

    async def close(self, seconds: float = 0.0) -> None:
        await self.udp.close(seconds)
        await self.http.close(seconds)

    def sweep(self) -> None:
        """Have the listener look at deadlines now."""
        self.loop.call(self.http.sweep)


@contextmanager
def serving(
    handler: Handler | None = None,
    https: Https | None = None,
    encryption: Encryption | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Serving]:
    """Give a listener that answers every name with `handler`."""
    with looping() as loop:
        both = Serving(handler or answering("192.0.2.1"), https or Https(), encryption, clock)
        both.loop = loop
        loop.run(both.open())
        try:
            yield both
        finally:
            loop.run(both.close())


class Connected:
    """A client of HTTP/2 on a socket."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.client = Client()

    def send(self, more: bytes = b"") -> None:
        """Send what is to be sent, and `more` octets."""
        self.sock.sendall(self.client.outgoing() + more)

    def receive(self) -> bool:
        """Read something; False when the other side has ended."""
        octets = self.sock.recv(1 << 16)
        if octets:
            self.client.take(octets)
            self.sock.sendall(self.client.outgoing())
        return bool(octets)

    def ended(self, stream: int) -> bytes:
        """Return the body of a response when it is whole."""
        while stream not in self.client.ended:
            if not self.receive():
                raise EOFError("the connection was closed")
        return self.client.bodies[stream]

    def goaway(self) -> int | None:
        """Return the code of the GOAWAY with which the other side ends; None where it ends without."""
        try:
            while self.receive():
                pass
        except OSError:
            pass
        return self.client.goaway


@contextmanager
def http2(address: Address, way: ssl.SSLContext | None = None) -> Iterator[Connected]:
    """Give a client of HTTP/2; without a `way` to speak TLS one that speaks it at once."""
    if way is None:
        with socket.create_connection(address, SECONDS) as sock:
            yield Connected(sock)
    else:
        with secured(address, way) as wrapped:
            yield Connected(wrapped)


def value(message: bytes) -> str:
    """Return a message as `dns=` has it."""
    return urlsafe_b64encode(message).rstrip(b"=").decode()


def http1(
    address: Address, message: bytes, way: ssl.SSLContext | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Return status, header and body of what Python's http.client gets by POST."""
    made = (
        http.client.HTTPConnection(*address, timeout=SECONDS)
        if way is None
        else http.client.HTTPSConnection(*address, timeout=SECONDS, context=way)
    )
    try:
        told = {name.replace("_", "-"): text for name, text in headers.items()}
        made.request("POST", "/dns-query", message, {"Content-Type": MEDIA_TYPE, **told})
        response = made.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        made.close()
