"""The five shapes that every plugin is written with: Request, Reply, Handler, Wrap, link.

A plugin is a function around the next handler, and a reply is a returned value: to pass on is `return await
next_(request)`, to change an answer is to return another reply, to observe is to look at what comes back. An
exception leaves the chain and becomes SERVFAIL in one place, the server.
"""

from collections.abc import Awaitable, Callable, Iterator
from enum import Enum
from typing import NamedTuple, TypeAlias

import msgspec

from fedresolver.wire.const import Opcode, Rcode
from fedresolver.wire.name import Name
from fedresolver.wire.query import HEADER, Query
from fedresolver.wire.rr import RRset

Cell: TypeAlias = list[bool]
"""What an answer depends on: one shared element, true until what stands behind has changed. Never set true again."""


def new_cell() -> Cell:
    """Return a cell that is true."""
    return [True]


class Client(msgspec.Struct, frozen=True, gc=False):
    """Who asks, and by which way: addresses as text, `transport` is `udp`, `tcp`, `tls` or `https`."""

    address: str
    port: int
    transport: str
    local_address: str
    local_port: int


class Request(msgspec.Struct, frozen=True, gc=False):
    """One question on its way through the chain; `zone` is the zone of the server block that it was matched to.

    `query.starts` says where the labels of `query.qname` begin; `size` is that of the message in octets, `received`
    the time of its arrival in seconds of a monotonic clock. `key` is the name of the TSIG key that has signed it, None
    for a question that nobody signed.
    """

    query: Query
    client: Client
    zone: Name
    size: int
    received: float
    key: Name | None = None


OURSELVES = Client("", 0, "udp", "", 0)
"""Who asks when no client does: a plugin that needs to know something for its answers."""


def request_of_ours(query: Query, zone: Name, received: float) -> Request:
    """Return the request for `query`, which no client sent; `received` is the time of the one that it is for."""
    return Request(query, OURSELVES, zone, HEADER + len(query.question), received)


class Ede(msgspec.Struct, frozen=True, gc=False):
    """An Extended DNS Error (RFC 8914): a code, and text in UTF-8 that is meant for people."""

    code: int
    text: str = ""


class Life(msgspec.Struct, frozen=True, gc=False):
    """How long an answer may be repeated with its TTLs counting down: `until`, in seconds of the monotonic clock.

    `used` is told how often it was, at the latest when a second has passed and it is asked for again. `since` is the
    moment from which its TTLs count, None for that at which the reply is made.
    """

    until: float
    used: Callable[[int], None]
    since: float | None = None


class Verdict(Enum):
    """What becomes of an answer that is ready: it is sent, or only "ask over TCP" in its place (TC), or nothing.

    ASK is for one that was kept: this client's question goes through the chain.
    """

    SEND = "send"
    SLIP = "slip"
    DROP = "drop"
    ASK = "ask"


Guard: TypeAlias = Callable[[Client, Query | None], Verdict]
"""Says whether an answer that is kept may be sent to a client, too; the query is None where nobody has read it again.

Then it is octet for octet one that was answered before, and has no cookie.
"""


class Reach(NamedTuple):
    """How far a federation went for an answer, for those who count.

    `level` is `local`, `zone`, `region`, `global`, `nowhere` or `not_ready`; `fallback` is whether something nearer has
    the Service, too, and could not answer.
    """

    federation: str
    level: str
    fallback: bool


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """Some records of an answer that takes many messages: how many, and their octets.

    They stand in a message of their own, right behind the question of the query, whose name has offset 12.
    """

    count: int
    octets: bytes


class Reply(msgspec.Struct, frozen=True, gc=False):
    """What a handler answers: records by section, and how long the answer may be kept.

    `cell` is what the answer depends on; an answer without one is made anew for each query. `life` is that of an
    answer that also ends by itself. `turns` is whether its addresses or MX records are to be rotated from answer to
    answer. `foreign` is what another server said, with TTLs that count from now on: only that belongs into a cache;
    `authentic` is whether that server has validated it (AD, RFC 4035 3.2.3).

    `target` is the name with which a chain of CNAMEs goes on that leaves the zones of who answers. `guards` are asked
    before an answer that is kept is sent again, `verdict` is what becomes of this one. `stream` are the messages of a
    transfer, in place of all records, for transports with connections only. `plugin` is the one that answered;
    `failure` is what an operator should read about a SERVFAIL. `reach` is said of a Service's names only.
    """

    rcode: int = Rcode.NOERROR
    answer: tuple[RRset, ...] = ()
    authority: tuple[RRset, ...] = ()
    additional: tuple[RRset, ...] = ()
    authoritative: bool = True
    ede: Ede | None = None
    cell: Cell | None = None
    life: Life | None = None
    turns: bool = False
    foreign: bool = False
    authentic: bool = False
    target: Name | None = None
    guards: tuple[Guard, ...] = ()
    verdict: Verdict = Verdict.SEND
    stream: Iterator[Chunk] | None = None
    plugin: str = ""
    failure: str = ""
    reach: Reach | None = None


Handler: TypeAlias = Callable[[Request], Awaitable[Reply]]
Wrap: TypeAlias = Callable[[Handler], Handler]

FOREVER: Cell = [True]
"""The cell of answers that nothing can change."""
REFUSED = Reply(rcode=Rcode.REFUSED, authoritative=False, cell=FOREVER)


NOT_IMPLEMENTED = Reply(rcode=Rcode.NOTIMP, authoritative=False)


def unhandled(query: Query) -> Reply:
    """Return the answer to what nobody handles: REFUSED; NOTIMP to a NOTIFY."""
    return REFUSED if query.opcode == Opcode.QUERY else NOT_IMPLEMENTED


async def refuse(request: Request) -> Reply:
    """Answer what no plugin handles: the end of every chain."""
    return unhandled(request.query)


def link(wraps: tuple[Wrap, ...], end: Handler = refuse) -> Handler:
    """Return the handler that runs `wraps` in order and ends at `end`."""
    handler = end
    for wrap in reversed(wraps):
        handler = wrap(handler)
    return handler
