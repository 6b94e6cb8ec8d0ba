"""Sockets bound to a port, which several of our own may have.

Such are a wildcard beside one address, and the old listener while a new one takes over.
Linux lets a socket have an address that overlaps with another's when SO_REUSEPORT is set on both while the second is
bound, and sends to each what is meant for the narrower address. It is set for that moment only: at any other time a
second server on the same port must fail, not share the queries.
"""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Address: TypeAlias = tuple[str, int]
"""An IP address as text, and a port; 0 is any that is free."""


def unbound(kind: socket.SocketKind, host: str) -> socket.socket:
    """Return a socket of the family of `host`, which does not wait; one for IPv6 is for nothing else."""
    six = ":" in host
    sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET, kind)
    sock.setblocking(False)
    if six:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return sock


@contextmanager
def shared(sock: socket.socket, port: int, ours: Iterable[socket.socket]) -> Iterator[None]:
    """Let `sock` be bound to `port` although some of `ours` have it, at another address of the same family."""
    sharers = [sock, *(one for one in ours if one.type == sock.type and one.getsockname()[1] == port != 0)]
    try:
        _set(sharers, 1)
        yield
    finally:
        _set(sharers, 0)


def _set(sharers: list[socket.socket], value: int) -> None:
    if len(sharers) > 1:
        for sharer in sharers:
            sharer.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, value)
