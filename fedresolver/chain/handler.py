"""The five shapes that every plugin is written with: Request, Reply, Handler, Wrap, link.

A plugin is a function around the next handler, and a reply is a returned value: to pass on is `return await
next_(request)`, to change an answer is to return another reply, to observe is to look at what comes back. An
exception leaves the chain and becomes SERVFAIL in one place, the server.
"""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import msgspec

from fedresolver.wire.const import Rcode
from fedresolver.wire.name import Name
from fedresolver.wire.query import HEADER, Query
from fedresolver.wire.rr import RRset

Cell: TypeAlias = list[bool]
"""What an answer depends on: one shared element, true until what stands behind has changed. Never set true again."""


class Client(msgspec.Struct, frozen=True, gc=False):
    """Who asks, and by which way: addresses as text, `transport` is `udp` or `tcp`."""

    address: str
    port: int
    transport: str
    local_address: str
    local_port: int


class Request(msgspec.Struct, frozen=True, gc=False):
    """One question on its way through the chain; `zone` is the zone of the server block that it was matched to.

    `query.starts` says where the labels of `query.qname` begin; `size` is that of the message in octets, `received`
    the time of its arrival in seconds of a monotonic clock.
    """

    query: Query
    client: Client
    zone: Name
    size: int
    received: float


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


class Reply(msgspec.Struct, frozen=True, gc=False):
    """What a handler answers: records by section, and how long the answer may be kept.

    `cell` is what the answer depends on; an answer without one is made anew for each query. `life` is that of an
    answer that also ends by itself. `turns` is whether its addresses or MX records are to be rotated from answer to
    answer. `foreign` is what another server said, with TTLs that count from now on: only that belongs into a cache;
    `authentic` is whether that server has validated it (AD, RFC 4035 3.2.3). `plugin` is the one that answered;
    `failure` is what an operator should read about a SERVFAIL.
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
    plugin: str = ""
    failure: str = ""


Handler: TypeAlias = Callable[[Request], Awaitable[Reply]]
Wrap: TypeAlias = Callable[[Handler], Handler]

FOREVER: Cell = [True]
"""The cell of answers that nothing can change."""
REFUSED = Reply(rcode=Rcode.REFUSED, authoritative=False, cell=FOREVER)


async def refuse(request: Request) -> Reply:
    """Answer REFUSED: the end of every chain, for what no plugin handles."""
    return REFUSED


def link(wraps: tuple[Wrap, ...], end: Handler = refuse) -> Handler:
    """Return the handler that runs `wraps` in order and ends at `end`."""
    handler = end
    for wrap in reversed(wraps):
        handler = wrap(handler)
    return handler
