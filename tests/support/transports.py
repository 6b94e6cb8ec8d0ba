"""The transports of a server, asked as clients do, from an address of their choice; `TRANSPORTS` has all of them.

A test that is about policy goes through all: what holds on one must hold on each.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache
from http.client import HTTPSConnection, RemoteDisconnected
from typing import Protocol, TypeAlias

from tests.support.ask import SECONDS, Address, framed, receive, udp_socket

Connect: TypeAlias = Callable[[Address, str], AbstractContextManager[socket.socket]]
"""Connect to an address from another."""


class Transport(Protocol):
    """A way to ask. `scheme` is that of the server block, `name` what the server calls it."""

    name: str
    scheme: str

    def ask(self, address: Address, source: str, message: bytes) -> bytes:
        """Return the answer to a message that is sent from the address `source`."""

    def is_left(self, address: Address, source: str, message: bytes, then: bytes) -> bool:
        """Say whether a message gets no answer: that to one sent after it, with another ID, is the first to come.

        The other must take no less time to answer.
        """


class Datagrams:
    """UDP."""

    name = "udp"
    scheme = "dns"

    def ask(self, address: Address, source: str, message: bytes) -> bytes:
        with udp_socket(address, (source, 0)) as sock:
            sock.send(message)
            return sock.recv(65535)

    def is_left(self, address: Address, source: str, message: bytes, then: bytes) -> bool:
        with udp_socket(address, (source, 0)) as sock:
            sock.send(message)
            sock.send(then)
            return sock.recv(65535)[:2] == then[:2]


class Stream:
    """Messages behind their lengths, on connections that `connect` makes."""

    def __init__(self, name: str, scheme: str, connect: Connect) -> None:
        self.name = name
        self.scheme = scheme
        self._connect = connect

    def ask(self, address: Address, source: str, message: bytes) -> bytes:
        with self._connect(address, source) as sock:
            sock.sendall(framed(message))
            return receive(sock)

    def is_left(self, address: Address, source: str, message: bytes, then: bytes) -> bool:
        with self._connect(address, source) as sock:
            sock.sendall(framed(message, then))
            return receive(sock)[:2] == then[:2]


class Https:
    """HTTP/1.1 over TLS (RFC 8484), each message by POST. What gets no answer ends the connection."""

    name = "https"
    scheme = "https"

    def ask(self, address: Address, source: str, message: bytes) -> bytes:
        status, body = self._post(address, source, message)
        assert status == 200, status
        return body

    def is_left(self, address: Address, source: str, message: bytes, then: bytes) -> bool:
        try:
            self._post(address, source, message)
        except RemoteDisconnected:
            return True
        return False

    @staticmethod
    def _post(address: Address, source: str, message: bytes) -> tuple[int, bytes]:
        asking = HTTPSConnection(*address, timeout=SECONDS, source_address=(source, 0), context=_anybody())
        with closing(asking):
            asking.request("POST", "/dns-query", message, {"Content-Type": "application/dns-message"})
            response = asking.getresponse()
            return response.status, response.read()


@contextmanager
def _connected(address: Address, source: str) -> Iterator[socket.socket]:
    with socket.create_connection(address, SECONDS, (source, 0)) as sock:
        yield sock


@contextmanager
def _encrypted(address: Address, source: str) -> Iterator[socket.socket]:
    with _connected(address, source) as sock, _anybody().wrap_socket(sock) as encrypted:
        yield encrypted


@cache
def _anybody() -> ssl.SSLContext:
    """Return how to speak TLS with whom it does not matter who it is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


TRANSPORTS: tuple[Transport, ...] = (
    Datagrams(),
    Stream("tcp", "dns", _connected),
    Stream("tls", "tls", _encrypted),
    Https(),
)
