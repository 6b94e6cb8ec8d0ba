"""From the octets of a query to the octets of its response.

Three ways, each for what the one before it does not know:

    repeated question     one look-up of the message after its ID (in the listeners, with the table that is made here)
    known question        read by hand, one look-up of name, type and class: the body is ready, header and OPT are not
    new question          through the chain of handlers of its server block

What stands in a table is right for every asker, or it would not be there: whatever a client may vary is part of the
key, and what an answer depends on is a cell, which those who change it set to false. This is also the one place where
an exception becomes SERVFAIL.
"""

import logging
from collections.abc import Callable, Coroutine
from functools import partial
from itertools import count, cycle
from typing import Any, Protocol, cast

import msgspec

from fedresolver.chain.handler import REFUSED, Cell, Client, Reply, Request
from fedresolver.chain.plugin import UNCOUNTED, Finished, Tally
from fedresolver.observe.metrics import Counter
from fedresolver.server.hot import Counting, Hot, Seconds, lasting
from fedresolver.server.later import Later, run
from fedresolver.server.router import Block, Router
from fedresolver.server.table import Table
from fedresolver.wire.const import AA, AD, CLASS_IN, RA, Rcode, Type, type_text
from fedresolver.wire.name import ROOT, Name, to_text
from fedresolver.wire.query import Edns, Query, QueryError, edns_of_refused, is_query, read
from fedresolver.wire.response import Body, body, ede_option, empty, refusal, respond, turns
from fedresolver.wire.ttl import places

LONGEST_KEPT_QUESTION = 300
LONGEST_KEPT_ANSWER = 1232
_COOKIE = 10
_TRANSFERS = frozenset((Type.AXFR, Type.IXFR))

_NEVER_KEPT: Cell = [False]
log = logging.getLogger("fedresolver.server")


class Known(msgspec.Struct, frozen=True, gc=False):
    """The answer to a question, whoever asks: its bodies, `turn` to take the next where there are several, its cell."""

    bodies: tuple[Body, ...]
    turn: Callable[[], Body] | None
    cell: Cell
    reply: Reply
    block: Block
    zone: Name
    size: int


class Pending:
    """A response that is waited for; `end` makes it of what `later` brings."""

    __slots__ = ("_asked", "_end", "_later", "_send")

    def __init__(
        self, later: Later[Reply], asked: "_Asked", end: Callable[["_Asked", Reply | Exception], bytes]
    ) -> None:
        self._later = later
        self._asked = asked
        self._end = end

    def start(self, send: Callable[["Pending", bytes], None]) -> None:
        """Have `send` called with this and the response when it is there, unless `cancel` comes first."""
        self._send = send
        self._later.start(self._finish)

    def _finish(self, outcome: Reply | Exception) -> None:
        self._send(self, self._end(self._asked, outcome))

    def cancel(self) -> None:
        """Wait for it no more."""
        self._later.cancel()


class Way(Protocol):
    """How a query came and its response goes: the table, the size limit, and who is at the other end."""

    hot: Table[Hot]

    def limit(self, edns: Edns | None) -> int:
        """Return how many octets a response may have."""

    def client(self, peer: Any) -> Client:  # noqa: ANN401  (what a socket says of a peer differs by family)
        """Return who asks."""


class Resolver:
    """Answers messages by the blocks of `router`, which may be changed at any time.

    `clock` is monotonic, in seconds; `panics` counts exceptions that left a handler.
    """

    def __init__(self, router: Router, clock: Callable[[], float], panics: Counter) -> None:
        self._router = router
        self._clock = clock
        self._panics = panics
        self._known: Table[Known] = Table()
        self._seconds = Seconds(clock)
        self._firsts = count()

    def route(self, router: Router) -> None:
        """Answer by other blocks from now on."""
        self._router = router
        self.forget()

    def forget(self) -> None:
        """Make the answers to known questions anew; what the listeners keep is theirs."""
        self._known.clear()

    def again(self, message: bytes, hot: Hot, way: Way) -> bytes | None:
        """Return the response to one more of the same message; None when what is kept does not hold any more."""
        if not hot.cell[0]:
            renewed = self._seconds.renewed(hot)
            if renewed is None:
                way.hot.drop(message[2:])
                return None
            way.hot.put(message[2:], hot := renewed)
        return hot.again(message)

    def resolve(self, message: bytes, way: Way, peer: Any) -> "bytes | Pending | None":  # noqa: ANN401
        """Return the response to `message`, or what will give it; None when it deserves no answer."""
        if not is_query(message):
            return None
        received = self._clock()
        try:
            query = read(message)
        except QueryError as error:
            return _refuse(message, error, way)
        key = query.qname + query.question[-4:]
        known = self._known.get(key)
        if known is not None and known.cell[0] and not query.signed:
            return self._finish(_Asked(message, query, way, peer, received), known)
        return self._ask(_Asked(message, query, way, peer, received), key)

    def _ask(self, asked: "_Asked", key: bytes) -> "bytes | Pending":
        """Send a new question through the chain of its block."""
        query = asked.query
        match = self._router.match(query)
        if query.signed or match is None or query.qclass != CLASS_IN or query.qtype in _TRANSFERS:
            reply = Reply(rcode=Rcode.NOTAUTH, authoritative=False) if query.signed else REFUSED
            return self._finish(asked, self._made(query, reply, _NO_BLOCK, ROOT))
        block, zone = match
        work = cast("Coroutine[Any, Any, Reply]", block.handler(asked.request(zone)))
        try:
            found = run(work)
            if isinstance(found, Later):
                return Pending(found, asked, partial(self._end, self._router, match))
            known = self._made(query, found, block, zone)
        except Exception as error:
            known = self._failed(error, query, block, zone)
        reply = known.reply
        if reply.cell is not None and reply.answer and not reply.foreign:
            self._known.put(key, known)
        return self._finish(asked, known)

    def _end(self, router: Router, match: tuple[Block, Name], asked: "_Asked", outcome: Reply | Exception) -> bytes:
        """Return the response that a chain has ended in after it had to wait."""
        try:
            if isinstance(outcome, Exception):
                raise outcome
            known = self._made(asked.query, outcome, *match)
        except Exception as error:
            known = self._failed(error, asked.query, *match)
        if router is not self._router:  # what another configuration says is not kept
            known = msgspec.structs.replace(known, cell=_NEVER_KEPT)
        return self._finish(asked, known)

    def _failed(self, error: Exception, query: Query, block: Block, zone: Name) -> Known:
        self._panics.add()
        what = f"{to_text(query.qname)} {type_text(query.qtype)}"
        log.error("an exception answers SERVFAIL: %s: %s: %s", what, type(error).__name__, error, exc_info=_debug())
        return self._made(query, Reply(rcode=Rcode.SERVFAIL, authoritative=False), block, zone)

    def _made(self, query: Query, reply: Reply, block: Block, zone: Name) -> Known:
        """Return the answer to `query` that `reply` is; of several turns each is the first one equally often."""
        ede = b"" if reply.ede is None else ede_option(reply.ede.code, reply.ede.text)
        sections = (reply.answer, reply.authority, reply.additional)
        flags = (AA if reply.authoritative else 0) | (RA if block.recursive else 0) | (AD if reply.authentic else 0)
        given = body(query, reply.rcode, sections, flags=flags, ede=ede, turns=reply.turns)
        bodies, turn = turns(given), None
        if len(bodies) > 1:
            first = next(self._firsts) % len(bodies)
            bodies = bodies[first:] + bodies[:first]
            turn = cycle(bodies).__next__
        cell = _NEVER_KEPT if reply.cell is None else reply.cell
        return Known(bodies, turn, cell, reply, block, zone, len(given.joined) * len(bodies))

    def _finish(self, asked: "_Asked", known: Known) -> bytes:
        """Return the response, show it to the observers, and keep it where it may be kept."""
        query, way = asked.query, asked.way
        given = known.bodies[0] if known.turn is None else known.turn()
        limit = way.limit(query.edns)
        response = respond(query, given, limit)
        tally: Tally | None = UNCOUNTED
        if known.block.observers:
            tally = self._show(asked, known, response)
        if tally is not None and known.cell[0] and _may_be_kept(asked.message, query, response):
            self._keep(asked, known, (given, response), tally)
        return response

    def _keep(self, asked: "_Asked", known: Known, sent: tuple[Body, bytes], tally: Tally) -> None:
        """Keep a response, and what are to be the next ones where it is one of several turns."""
        query, way = asked.query, asked.way
        given, response = sent
        bodies = _following(given, known.bodies)
        limit = way.limit(query.edns)
        responses = (response[2:],) if len(bodies) == 1 else tuple(respond(query, one, limit)[2:] for one in bodies)
        size = len(asked.message) + len(response) * len(bodies)
        life = known.reply.life
        if life is None:
            way.hot.put(asked.message[2:], lasting(responses, known.cell, tally, size))
        elif _is_whole(response, query, given):
            where = tuple(tuple(place - 2 for place in places(query, one)) for one in bodies)
            born = self._clock() if life.since is None else life.since
            hot = self._seconds.counting(Counting(responses, where, born, life, known.cell), tally, size)
            if hot is not None:
                way.hot.put(asked.message[2:], hot)

    def _show(self, asked: "_Asked", known: Known, response: bytes) -> Tally | None:
        finished = Finished(
            asked.request(known.zone),
            known.reply,
            response[2] << 8 | response[3],
            len(response),
            self._clock() - asked.received,
        )
        tally: Tally | None = UNCOUNTED
        for observer in known.block.observers:
            try:
                tally = _joined(tally, observer.finished(finished))
            except Exception as error:  # an answer is not lost because somebody fails to take note of it
                self._panics.add()
                log.error("an exception leaves an observer: %s: %s", type(error).__name__, error, exc_info=_debug())
        return tally


class _Asked(msgspec.Struct, frozen=True, gc=False):
    """A query on its way: the message, what was read of it, how and from whom it came, and when."""

    message: bytes
    query: Query
    way: Way
    peer: Any
    received: float

    def request(self, zone: Name) -> Request:
        return Request(self.query, self.way.client(self.peer), zone, len(self.message), self.received)


_NO_BLOCK = Block(handler=lambda request: _never(request))


async def _never(request: Request) -> Reply:
    raise AssertionError("no question is routed here")


def _joined(tally: Tally | None, wanted: Tally | None) -> Tally | None:
    """Return where repeats are counted when two want it so; None when they must be shown, or counted twice."""
    if tally is None or wanted is UNCOUNTED:
        return tally
    return wanted if tally is UNCOUNTED else None


def _following(given: Body, bodies: tuple[Body, ...]) -> tuple[Body, ...]:
    """Return the turns that come after that of `given`, which is the last of them."""
    following = 0 if len(bodies) == 1 else bodies.index(given) + 1
    return bodies[following:] + bodies[:following]


def _is_whole(response: bytes, query: Query, given: Body) -> bool:
    """Say whether no record was left out of a response."""
    return response[4:12] == (given.counts if query.edns is None else given.counts_opt)


def _may_be_kept(message: bytes, query: Query, response: bytes) -> bool:
    """Say whether the same message may come again: not with a cookie, nor in a letter case that is drawn at random."""
    if len(message) > LONGEST_KEPT_QUESTION or len(response) > LONGEST_KEPT_ANSWER:
        return False
    if query.edns is not None and query.edns.has(_COOKIE):
        return False
    return query.question.startswith(query.qname)


def _refuse(message: bytes, error: QueryError, way: Way) -> bytes:
    if error.query is None:
        return refusal(message, error.rcode, edns_of_refused(message))
    return respond(error.query, empty(error.rcode), way.limit(error.query.edns))


def _debug() -> bool:
    return log.isEnabledFor(logging.DEBUG)
