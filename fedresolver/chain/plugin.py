"""What a directive adds to its server block: a link of the chain, an observer, addresses, things that run.

A plugin's `setup(setup: Setup) -> Plugin` reads its stanza and builds this value. It opens nothing and starts nothing,
so that a configuration can be checked without side effects; what must run is a unit, and the composition root starts
it.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeAlias

import msgspec

from fedresolver.chain.handler import Client, Reply, Request, Wrap
from fedresolver.wire.query import Query
from fedresolver.wire.tsig import Keyring

if TYPE_CHECKING:
    from ssl import SSLContext

Tally: TypeAlias = list[int]
"""Repeats of one answer: their number, the octets of their questions, the octets of their answers."""

UNCOUNTED: Tally = [0, 0, 0]
"""The tally of those who do not count repeats."""


class Finished(msgspec.Struct, frozen=True, gc=False):
    """An answer as it left: the sixteen `flags` of its header, its size in octets, the seconds that it took."""

    request: Request
    reply: Reply
    flags: int
    size: int
    seconds: float


class Observer(Protocol):
    """One who is shown the answers of a server block, but changes none."""

    def finished(self, finished: Finished) -> Tally | None:
        """Take note of an answer that went through the chain, and return what to count its repeats in.

        None is for an answer of which each repeat must be shown here: it is not kept on the fast path. An observer
        that ignores such answers returns UNCOUNTED.
        """


Options: TypeAlias = Callable[[Query, Client], bytes]
"""Returns EDNS options for the response to a query that has an OPT record, empty for none.

It is asked once for each response that is made; one that is kept has what it returned. An answer to a query with a
cookie is never kept.
"""


Gate: TypeAlias = Callable[[Query, Client], Reply | None]
"""Says what answers a query in place of anything else, None for whatever else does.

It is asked before an answer is looked for, but not for a message that is word for word one that was answered before:
what it says of one without a cookie must hold for each client of the same transport. It is also asked for messages
that have no question, only an OPT record, which are FORMERR if it says nothing.
"""


class Unit(Protocol):
    """Something that runs beside the queries, from start to stop, and outlives a reload that keeps its key."""

    async def start(self) -> None:
        """Begin; OSError when what it needs cannot be had, ConfigError when a file of the operator is wrong."""

    async def stop(self) -> None:
        """End, and give back everything."""


class Encryption(Protocol):
    """The certificate of a server block, and what it demands of clients."""

    def context(self, *protocols: str) -> "SSLContext":
        """Return how to speak TLS with a client that connects now; `protocols` are what ALPN may choose, best first.

        It is another one when the certificate has changed.
        """


class Https(msgspec.Struct, frozen=True, kw_only=True):
    """How a server block with https:// answers: at which path, and what clients may hold; 0 connections is no limit.

    `max_streams` are the requests that one connection may have under way at once.
    """

    path: str = "/dns-query"
    max_streams: int = 100
    max_connections: int = 2048


class Visit(msgspec.Struct, frozen=True, gc=False):
    """A request for a page: its `Accept` header, and the parameters of its query, the last of each name."""

    accept: str = ""
    query: Mapping[str, str] = {}


class Response(msgspec.Struct, frozen=True, gc=False):
    """What an HTTP route answers; `stream` is what follows the body, piece by piece, for as long as it is read."""

    status: int
    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    stream: AsyncGenerator[bytes, None] | None = None


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the process: GET and HEAD of `path` on the listener at `host` (empty: every address) and `port`.

    `names` are those that a browser may call the page by (the Host header, without its port), empty for any: a page of
    another site must not get at it under a name of its own that leads here (DNS rebinding).
    """

    host: str
    port: int
    path: str
    respond: Callable[[Visit], Awaitable[Response]]
    names: frozenset[str] = frozenset()


class Plugin(msgspec.Struct, frozen=True, kw_only=True):
    """What one directive adds; every part is optional.

    `missing` says what keeps the plugin from being ready, None when it is; `notes` what is wrong although it is ready,
    each a line. `reader` brings its numbers up to date; it
    is called before each scrape while the configuration is in force. `lameduck` are the seconds for which queries are
    still answered after a SIGTERM. `recursive` is whether names of all the world may be asked through it, so that the
    answers of its block say so (RA); `closed` are the IP versions, 4 and 6, of which strangers get no answer in its
    block. `warnings` are for the operator, each a whole sentence with its place.

    `aside` is its link for what is no ordinary question: of another class than IN, for a whole zone (AXFR, IXFR), or a
    NOTIFY. `gate` answers queries before any chain. `options` adds EDNS options to responses; `udp_size` is how many
    octets one may have over UDP, 0 for what is usual. `keyring` has the keys that queries may be signed with (TSIG).
    `slow` are units that have much to read: at the start of the process they begin when the listeners are open.
    `check` reads what they would, for `fedresolver check`, and returns warnings; ConfigError says what is wrong.
    `follows` is whether it has chains of CNAMEs that go on elsewhere (`Reply.target`). `encryption` is for the keys of
    the block with tls:// and https://, `https` for the latter. `notified` is whether NOTIFYs are for it.
    """

    wrap: Wrap | None = None
    aside: Wrap | None = None
    gate: Gate | None = None
    options: Options | None = None
    udp_size: int = 0
    keyring: Keyring | None = None
    observer: Observer | None = None
    units: tuple[Unit, ...] = ()
    slow: tuple[Unit, ...] = ()
    check: Callable[[], tuple[str, ...]] | None = None
    follows: bool = False
    routes: tuple[Route, ...] = ()
    addresses: tuple[str, ...] = ()
    missing: Callable[[], str | None] | None = None
    notes: Callable[[], tuple[str, ...]] | None = None
    reader: Callable[[], None] | None = None
    lameduck: float = 0.0
    recursive: bool = False
    closed: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()
    closing: Callable[[], None] | None = None
    encryption: Encryption | None = None
    https: Https | None = None
    notified: bool = False
