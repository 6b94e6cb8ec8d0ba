"""DNS over TLS: the certificate of a server, and clients that are made of Python's ssl."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fedresolver.plugins.tls.pem import Clients, Paths, context, read
from tests.support.ask import SECONDS, Address, framed, receive


class Shown:
    """A certificate that a listener shows, as the plugin does; `pair` are the files of it and of its key."""

    def __init__(self, pair: tuple[Path, Path]) -> None:
        self._paths = Paths(*map(str, pair))
        self._contexts: dict[tuple[str, ...], ssl.SSLContext] = {}

    def context(self, *protocols: str) -> ssl.SSLContext:
        """Return how to speak TLS with a client."""
        if protocols not in self._contexts:
            self._contexts[protocols] = context(read(self._paths), self._paths, Clients.NOT_ASKED, protocols)
        return self._contexts[protocols]


def serving(pair: tuple[Path, Path], clients: Path | None = None) -> ssl.SSLContext:
    """Return how a server that is not ours speaks TLS; it demands a certificate that `clients` has signed, if given."""
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=clients)
    made.load_cert_chain(*pair)
    if clients is not None:
        made.verify_mode = ssl.CERT_REQUIRED
    return made


def trusting(authority: Path, *protocols: str) -> ssl.SSLContext:
    """Return how a client speaks TLS that trusts an authority, and offers `protocols`."""
    made = ssl.create_default_context(cafile=authority)
    if protocols:
        made.set_alpn_protocols(list(protocols))
    return made


@contextmanager
def secured(address: Address, way: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """Give a TLS connection; ssl.SSLError or OSError when there is to be none."""
    with (
        socket.create_connection(address, SECONDS) as sock,
        way.wrap_socket(sock, server_hostname=address[0]) as wrapped,
    ):
        yield wrapped


def over_tls(address: Address, octets: bytes, way: ssl.SSLContext) -> bytes:
    """Return the answer to one message on a TLS connection of its own."""
    with secured(address, way) as sock:
        sock.sendall(framed(octets))
        return receive(sock)
