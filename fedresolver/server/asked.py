"""A query on its way through the server: what was asked, and by which way it came."""

from collections.abc import Iterator
from typing import Any, Protocol, TypeAlias

import msgspec

from fedresolver.chain.handler import Client, Reply, Request
from fedresolver.server.hot import Hot
from fedresolver.server.router import Block
from fedresolver.server.table import Table
from fedresolver.wire.name import Name
from fedresolver.wire.padding import is_wanted
from fedresolver.wire.query import Edns, Query
from fedresolver.wire.response import PLAIN, UDP_SIZE, Ours
from fedresolver.wire.tsig import Signer

Messages: TypeAlias = Iterator[bytes]
"""The messages of a transfer, made one by one as they are wanted; for transports with connections only."""
Outcome: TypeAlias = bytes | Messages | None
"""A response, or several; None where there is to be none."""


_DO = b"\x80"


class Way(Protocol):
    """How a query came and its response goes: the table, the size limit, and who is at the other end."""

    @property
    def hot(self) -> Table[Hot]:
        """What is answered at a glance."""

    @property
    def encrypted(self) -> bool:
        """Whether nobody else can read what is sent."""

    def options(self, query: Query) -> bytes:
        """Return the EDNS options of the transport for the response to a query that has some of its own.

        What they say holds for all who are answered from the table.
        """

    def limit(self, edns: Edns | None, udp_size: int = UDP_SIZE) -> int:
        """Return how many octets a response may have; `udp_size` is the most over UDP."""

    def client(self, peer: Any) -> Client:  # noqa: ANN401  (what a socket says of a peer differs by family)
        """Return who asks."""


class Asked(msgspec.Struct, gc=False):
    """A query on its way: the message, what was read of it, how and from whom it came, and when.

    `signer` signs what answers it, `key` is the name of the key that has signed it. `made` is the request for it, once
    it was made.
    """

    message: bytes
    query: Query
    way: Way
    peer: Any
    received: float
    signer: Signer | None = None
    key: Name | None = None
    made: Request | None = None

    @property
    def known(self) -> bytes:
        """What the answer depends on, whoever asks: name, type and class, and whether DNSSEC records are wanted."""
        query = self.query
        key = query.qname + query.question[-4:]
        return key + _DO if query.edns is not None and query.edns.do else key

    def client(self) -> Client:
        """Return who asks."""
        return self.way.client(self.peer)

    def limit(self, block: Block) -> int:
        """Return how many octets the response may have, before it is signed."""
        most = self.way.limit(self.query.edns, block.udp_size or UDP_SIZE)
        return most if self.signer is None else most - self.signer.room

    def gated(self, block: Block) -> Reply | None:
        """Return what a gate of the block answers, None when they all let it through."""
        client = self.client()
        return next((reply for gate in block.gates if (reply := gate(self.query, client)) is not None), None)

    def ours(self, block: Block) -> Ours:
        """Return what our OPT record says, with the options of the transport and of the plugins of the block."""
        edns = self.query.edns
        if edns is None:
            return PLAIN
        options = self.way.options(self.query) if edns.options else b""
        if block.options:
            client = self.client()
            options += b"".join([add(self.query, client) for add in block.options])
        return Ours(options, block.udp_size or UDP_SIZE) if options or block.udp_size else PLAIN

    @property
    def is_padded(self) -> bool:
        """Whether the response is to be padded."""
        return self.way.encrypted and is_wanted(self.query)

    def request(self, zone: Name) -> Request:
        """Return the request for it, which was matched to a zone of its server block."""
        if self.made is None:
            client = self.way.client(self.peer)
            self.made = Request(self.query, client, zone, len(self.message), self.received, self.key)
        return self.made
