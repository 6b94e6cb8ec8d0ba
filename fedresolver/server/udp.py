"""UDP: sockets drained in the event loop, a repeated question answered by one look-up.

A wake-up takes at most `BURST` datagrams, so that timers, watches and TCP get their turn. A socket that is bound to
one address is read with `recvfrom`; one that is bound to all of them with `recvmsg`, for then each response must leave
from the address that the query came to, or the asker will not take it.
"""

import asyncio
import socket
import struct
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, TypeAlias

from fedresolver.chain.handler import Client
from fedresolver.server.asked import Messages
from fedresolver.server.hot import Hot
from fedresolver.server.pending import Pending
from fedresolver.server.port import Address, shared, unbound
from fedresolver.server.resolve import Resolver
from fedresolver.server.table import Table
from fedresolver.wire.query import Edns, Query
from fedresolver.wire.response import UDP_SIZE, udp_limit

BURST = 64
LONGEST_QUERY = 4096
_RECEIVE_BUFFER = 4 * 1024 * 1024
MOST_WAITING = 16_384
"""Queries that wait for others at the same time; beyond that the oldest gets no answer, for its asker has given up."""
_LAST_BURSTS = 64
"""How often a socket that closes is drained: more than its buffer holds."""
_PKTINFO_SIZE = 128
_ANY_INTERFACE = bytes(4)
_IP_PKTINFO = getattr(socket, "IP_PKTINFO", 8)

Ancillary: TypeAlias = list[tuple[int, int, bytes]]
_UNTOLD: Ancillary = []
"""Where the address that was asked goes without saying."""
Peer: TypeAlias = tuple[Any, Ancillary]
"""A socket address as the system gives it, and what it says of the address that the datagram was sent to."""


class UdpListener:
    """Answers datagrams on one address and port; `address` is where it listens, with the port that it got.

    OSError when the address cannot be had. `ours` are sockets of this process: they may have the same port.
    """

    def __init__(self, address: Address, resolver: Resolver, ours: Iterable[socket.socket] = ()) -> None:
        self.hot = Table[Hot]()
        self.most_waiting = MOST_WAITING
        self._resolver = resolver
        self._wildcard = address[0] in ("0.0.0.0", "::")
        self.socket = _bound(address, ours, told=self._wildcard)
        self.address: Address = self.socket.getsockname()[:2]
        self._waiting: OrderedDict[Pending, Peer] = OrderedDict()
        self._idle: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """Begin to answer, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket, self._drain_any if self._wildcard else self._drain)

    async def close(self, seconds: float) -> None:
        """Answer what has come, what waits within `seconds`, and give back the socket."""
        if self.socket.fileno() < 0:
            return
        if self._loop is not None:
            self._loop.remove_reader(self.socket)
            self._take_no_more()
            for _ in range(_LAST_BURSTS):
                self._drain_any() if self._wildcard else self._drain()
        if self._waiting:
            self._idle = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), seconds)
        while self._waiting:
            self._waiting.popitem()[0].cancel()
        self.socket.close()

    def _take_no_more(self) -> None:
        """Leave what comes from now on to another socket of the port: a connected one hears its peer alone, itself."""
        with suppress(OSError):
            self.socket.connect(self.socket.getsockname())

    encrypted = False

    def options(self, query: Query) -> bytes:
        """Return no EDNS options: edns-tcp-keepalive is not for UDP (RFC 7828 3.3.2)."""
        return b""

    def limit(self, edns: Edns | None, udp_size: int = UDP_SIZE) -> int:
        """Return how many octets a response may have."""
        return udp_limit(edns, udp_size)

    def client(self, peer: Peer) -> Client:
        """Return who asks."""
        address, ancillary = peer
        local = _destination(ancillary) if ancillary else self.address[0]
        return Client(address[0], address[1], "udp", local, self.address[1])

    def _drain(self) -> None:
        receive, send = self.socket.recvfrom, self.socket.sendto
        table = self.hot
        for _ in range(BURST):
            try:
                message, address = receive(LONGEST_QUERY)
            except OSError:
                return
            hot = table.young.get(message[2:])
            if hot is None or not hot.cell[0]:
                answer = self._answer(message, (address, _UNTOLD))
                if answer is None:
                    continue
                response = answer
            else:
                # `hot.again`, written out: a call would cost more than what it does.
                response = message[:2] + hot.answers()
                tally = hot.tally
                tally[0] += 1
                tally[1] += len(message)
                tally[2] += len(response)
            try:
                send(response, address)
            except OSError:
                continue  # the asker cannot be reached, or the system is out of buffers: it will ask again

    def _drain_any(self) -> None:
        receive = self.socket.recvmsg
        for _ in range(BURST):
            try:
                message, ancillary, _, address = receive(LONGEST_QUERY, _PKTINFO_SIZE)
            except OSError:
                return
            hot = self.hot.young.get(message[2:])
            if hot is None or not hot.cell[0]:
                response = self._answer(message, (address, ancillary))
            else:
                response = hot.again(message)
            if response is not None:
                self._send(response, (address, ancillary))

    def _answer(self, message: bytes, peer: Peer) -> bytes | None:
        """Return the answer to what the young generation does not have; None where there is none, or not yet."""
        hot = self.hot.get(message[2:])
        if hot is not None:
            response = self._resolver.again(message, hot, self, peer)
        else:
            response = self._resolver.resolve(message, self, peer)
        if isinstance(response, bytes):
            return response
        if isinstance(response, Pending):
            if len(self._waiting) >= self.most_waiting:
                self._waiting.popitem(last=False)[0].cancel()
            self._waiting[response] = peer
            response.start(self._send_later)
        return None

    def _send_later(self, pending: Pending, response: bytes | Messages | None) -> None:
        peer = self._waiting.pop(pending)
        if isinstance(response, bytes):
            self._send(response, peer)
        if not self._waiting and self._idle is not None:
            self._idle.set()

    def _send(self, response: bytes, peer: Peer) -> None:
        address, ancillary = peer
        try:
            if ancillary:
                self.socket.sendmsg([response], source(ancillary), 0, address)
            else:
                self.socket.sendto(response, address)
        except OSError:
            return  # as above: the asker will ask again


def _bound(address: Address, ours: Iterable[socket.socket], *, told: bool) -> socket.socket:
    """Return a socket that listens; `told` is whether the system says of each datagram where it was sent to."""
    sock = unbound(socket.SOCK_DGRAM, address[0])
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, told)
        else:
            sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, told)
        with shared(sock, address[1], ours):
            sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock


def source(ancillary: Ancillary) -> Ancillary:
    """Return what makes a response leave from the address that was asked, by whatever interface leads to the asker.

    Sent back as it came, it would bind the response to the interface of the query, and with it to the on-link route.
    """
    level, kind, data = ancillary[0]
    if level == socket.IPPROTO_IPV6:
        return [(level, kind, data[:16] + _ANY_INTERFACE)]
    return [(level, kind, _ANY_INTERFACE + data[4:])]


def _destination(ancillary: Ancillary) -> str:
    """Return the address that a datagram was sent to (ip(7) IP_PKTINFO, ipv6(7) IPV6_PKTINFO)."""
    for level, _, data in ancillary:
        if level == socket.IPPROTO_IPV6:
            return socket.inet_ntop(socket.AF_INET6, data[:16])
        return socket.inet_ntop(socket.AF_INET, struct.unpack("=i4s4s", data[:12])[2])
    return ""
