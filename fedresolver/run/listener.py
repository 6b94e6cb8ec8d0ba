"""What answers at a place, whatever its transport."""

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

import msgspec

from fedresolver.observe.metrics import Counter
from fedresolver.run.places import Address
from fedresolver.server.router import Block
from fedresolver.wire.name import Name

DRAIN_SECONDS = 3.0
"""How long what was asked may take to be answered when a listener closes."""

Blocks: TypeAlias = Mapping[Name, Block]
"""The server blocks of one place, by zone."""


class Means(msgspec.Struct, frozen=True):
    """What listeners are made with: a monotonic clock in seconds, and counters.

    `panics` counts exceptions, `https` responses of HTTP by server and status.
    """

    clock: Callable[[], float]
    panics: Counter
    https: Counter


class Crowd(Protocol):
    """Those who are connected."""

    @property
    def connections(self) -> int:
        """How many connections are open."""

    @property
    def refused(self) -> int:
        """How many were ended as they came, for there were too many."""

    @property
    def failed(self) -> int:
        """How many handshakes of TLS came to no good end."""


class Listener(Protocol):
    """Answers queries at one place."""

    @property
    def address(self) -> Address:
        """Where it listens, with the port that it got."""

    @property
    def sockets(self) -> tuple[socket.socket, ...]:
        """What it listens with; nothing while it is not open."""

    @property
    def crowd(self) -> Crowd | None:
        """Those who are connected; None while it is not open."""

    async def open(self, ours: Sequence[socket.socket]) -> None:
        """Take the address; OSError when it cannot be had. `ours` may have the same port."""

    def serve(self, blocks: Blocks) -> None:
        """Answer by other blocks from now on."""

    def forget(self) -> None:
        """Make every answer anew."""

    async def close(self) -> None:
        """Answer what was asked, and give back the address."""
