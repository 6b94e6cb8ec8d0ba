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
import time
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any

import msgspec

from fedresolver.chain.handler import (
    Chunk,
    Client,
    Guard,
    Reply,
    Request,
    Verdict,
    unhandled,
)
from fedresolver.chain.plugin import UNCOUNTED, Finished, Tally
from fedresolver.observe.metrics import Counter
from fedresolver.server.asked import Asked, Messages, Outcome, Way
from fedresolver.server.hot import Hot
from fedresolver.server.keeping import Keeper
from fedresolver.server.known import NEVER, Known, Maker
from fedresolver.server.later import Later, run
from fedresolver.server.pending import Pending
from fedresolver.server.router import Block, Router
from fedresolver.server.seldom import Seldom
from fedresolver.server.table import Table
from fedresolver.wire.const import Rcode, type_text
from fedresolver.wire.name import ROOT, Name, to_text
from fedresolver.wire.query import Query, QueryError, edns_of_refused, is_query, read, unread
from fedresolver.wire.response import PLAIN, PLAIN_UDP_SIZE, Body, Ours, part, refusal, respond, truncated, whole
from fedresolver.wire.tsig import SignatureError, verify

_DROP, _SLIP = Verdict.DROP, Verdict.SLIP
_TC = 0x02
"""TC in the third octet of a header."""

log = logging.getLogger("fedresolver.server")


class Resolver:
    """Answers messages by the blocks of `router`, which may be changed at any time.

    `clock` is monotonic, in seconds; `panics` counts exceptions that left a handler. `wall` is the time that signatures
    are made at, in seconds since the epoch.
    """

    def __init__(
        self,
        router: Router,
        clock: Callable[[], float],
        panics: Counter,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._router = router
        self._clock = clock
        self._wall = wall
        self._doubts = Seldom(clock)
        self._panics = panics
        self._known: Table[Known] = Table()
        self._maker = Maker()
        self._keeper = Keeper(clock)

    def route(self, router: Router) -> None:
        """Answer by other blocks from now on."""
        self._router = router
        self.forget()

    def forget(self) -> None:
        """Make the answers to known questions anew; what the listeners keep is theirs."""
        self._known.clear()
        self._maker.forget()

    def again(self, message: bytes, hot: Hot, way: Way, peer: Any) -> Outcome | Pending:  # noqa: ANN401
        """Return the response to one more of the same message, or what will give it."""
        if not hot.holds[0]:
            renewed = self._keeper.renewed(hot)
            if renewed is None:
                way.hot.drop(message[2:])
                return self.resolve(message, way, peer)
            way.hot.put(message[2:], hot := renewed)
        verdict = _judged(hot.guards, way.client(peer), None) if hot.guards else Verdict.SEND
        if verdict is Verdict.SEND:
            return hot.again(message)
        if verdict is Verdict.ASK:
            return self._ask(Asked(message, read(message), way, peer, self._clock()))
        return truncated(read(message)) if verdict is Verdict.SLIP else None

    def resolve(self, message: bytes, way: Way, peer: Any) -> Outcome | Pending:  # noqa: ANN401
        """Return the response to `message`, or what will give it."""
        if not is_query(message):
            return None
        received = self._clock()
        try:
            query = read(message, notified=self._router.notified)
        except QueryError as error:
            query = error.query or unread(message, edns_of_refused(message))
            return self._refuse(Asked(message, query, way, peer, received), error)
        asked = Asked(message, query, way, peer, received)
        return self._verified(asked) if query.signature else self._look_up(asked)

    def _look_up(self, asked: Asked) -> Outcome | Pending:
        """Return the response to a question that nobody has signed."""
        query = asked.query
        known = self._known.get(asked.known)
        if known is None or not known.cell[0] or not query.ordinary:
            return self._ask(asked)
        if known.block.gates and (reply := asked.gated(known.block)) is not None:
            return self._answer(asked, reply, (known.block, known.zone))
        guards = known.reply.guards
        verdict = _judged(guards, asked.client(), query) if guards else Verdict.SEND
        return self._ask(asked) if verdict is Verdict.ASK else self._finish(asked, known, verdict)

    def _refuse(self, asked: Asked, error: QueryError) -> Outcome | Pending:
        """Return the response to a message that cannot be answered; one without a question may want a cookie only."""
        query, rcode = asked.query, int(error.rcode)
        if query.question:
            refused = Reply(rcode=error.rcode, authoritative=False)
            return self._verified(asked, refused) if query.signature else self._answer(asked, refused)
        block = self._router.default or _NO_BLOCK
        if error.query is not None and block.gates and (reply := asked.gated(block)) is not None:
            rcode = reply.rcode
        return refusal(asked.message, rcode, query.edns, asked.ours(block))

    def _verified(self, asked: Asked, refused: Reply | None = None) -> Outcome | Pending:
        """Send a signed question through the chain of its block, if its signature is good (RFC 8945 5.2)."""
        query, now = asked.query, int(self._wall())
        block, _ = self._router.match(query) or (_NO_BLOCK, ROOT)
        try:
            signer = verify(asked.message, query.signature, block.keyring, now)
        except SignatureError as error:
            self._doubts.warn(log, "a signed query is not believed: %s: %s", asked.client().address, error)
            asked = msgspec.structs.replace(asked, signer=error.signer)
            return self._answer(asked, Reply(rcode=error.rcode, authoritative=False))
        asked = msgspec.structs.replace(asked, signer=signer, key=signer.name)
        return self._ask(asked) if refused is None else self._answer(asked, refused)

    def _answer(self, asked: Asked, reply: Reply, match: tuple[Block, Name] | None = None) -> Outcome:
        """Return a response that is not worked out by the chain of the question's block; `match` is that, if known."""
        block, zone = match or self._router.match(asked.query) or (_NO_BLOCK, ROOT)
        return self._finish(asked, self._maker.made(asked.query, reply, block, zone), reply.verdict)

    def _ask(self, asked: Asked) -> Outcome | Pending:
        """Send a new question through the chain of its block."""
        query = asked.query
        match = self._router.match(query)
        if match is None:
            return self._answer(asked, unhandled(query))  # a zone that nobody serves
        block, zone = match
        if block.gates and (reply := asked.gated(block)) is not None:
            return self._answer(asked, reply, match)
        handler = block.handler if query.ordinary else block.aside
        work: Coroutine[Any, Any, Reply] = handler(asked.request(zone))  # type: ignore[assignment]  # it is awaitable
        denied = False
        try:
            found = run(work)
            if isinstance(found, Later):
                return Pending(found, asked, partial(self._end, self._router, match))
            denied = not found.answer and query.ordinary
            known = (self._maker.denial if denied else self._maker.made)(query, found, block, zone)
        except Exception as error:
            known = self._failed(error, query, block, zone)
        return self._finish(asked, known, known.reply.verdict) if denied else self._told(asked, known)

    def _told(self, asked: Asked, known: Known) -> Outcome:
        """Return the response that the chain has led to, and keep the answer for whoever asks the same."""
        query, reply = asked.query, known.reply
        if reply.answer and reply.cell is not None and not reply.foreign and query.ordinary and not query.signature:
            self._known.put(asked.known, known)
        return self._finish(asked, known, reply.verdict)

    def _end(self, router: Router, match: tuple[Block, Name], asked: Asked, outcome: Reply | Exception) -> Outcome:
        """Return the response that a chain has ended in after it had to wait."""
        try:
            if isinstance(outcome, Exception):
                raise outcome
            known = self._maker.made(asked.query, outcome, *match)
        except Exception as error:
            known = self._failed(error, asked.query, *match)
        if router is not self._router:  # what another configuration says is not kept
            known = msgspec.structs.replace(known, cell=NEVER)
        return self._finish(asked, known, known.reply.verdict)

    def _failed(self, error: Exception, query: Query, block: Block, zone: Name) -> Known:
        self._panics.add()
        what = f"{to_text(query.qname)} {type_text(query.qtype)}"
        log.error("an exception answers SERVFAIL: %s: %s: %s", what, type(error).__name__, error, exc_info=_debug())
        return self._maker.made(query, Reply(rcode=Rcode.SERVFAIL, authoritative=False), block, zone)

    def _finish(self, asked: Asked, known: Known, verdict: Verdict = Verdict.SEND) -> Outcome:
        """Return the response, show it to the observers, and keep it where it may be kept."""
        query, block = asked.query, known.block
        if verdict is _DROP:
            return None
        if known.reply.stream is not None:
            return self._messages(asked, known, known.reply.stream)
        ours = PLAIN if query.edns is None else asked.ours(block)
        if verdict is _SLIP:
            return self._signed(asked, truncated(query, ours))
        given = known.bodies[0] if known.turn is None else known.turn()
        response = self._rendered(asked, block, given, ours)
        tally: Tally | None = UNCOUNTED
        if block.observers:
            tally = self._show(asked, known, response)
        if tally is None or not known.cell[0]:
            return response
        if self._keeper.wants(asked, known, response):
            self._keeper.keep(asked, known, (given, response, ours), tally)
        return response

    def _rendered(self, asked: Asked, block: Block, given: Body, ours: Ours) -> bytes:
        """Return the response with `given`, which nearly always fits whole."""
        query = asked.query
        if asked.signer is None and not asked.way.encrypted:
            response = whole(query, given, ours)
            if len(response) <= PLAIN_UDP_SIZE:
                return response
        response = respond(query, given, asked.limit(block), ours, pad=asked.is_padded)
        return self._signed(asked, truncated(query, ours) if asked.signer and response[2] & _TC else response)

    def _signed(self, asked: Asked, response: bytes) -> bytes:
        """Return a response with the signature that its query is owed."""
        return response if asked.signer is None else asked.signer.sign(response, int(self._wall()))

    def _messages(self, asked: Asked, known: Known, stream: Iterator[Chunk]) -> Messages:
        """Yield the messages of a transfer; the observers are shown the first. An exception breaks it off."""
        shown, ours = not known.block.observers, asked.ours(known.block)
        for chunk in self._sound(asked.query, stream):
            message = self._signed(asked, part(asked.query, chunk.count, chunk.octets, ours))
            if not shown:
                shown = True
                self._show(asked, known, message)
            yield message

    def _sound(self, query: Query, stream: Iterator[Chunk]) -> Iterator[Chunk]:
        try:
            yield from stream
        except Exception as error:
            self._panics.add()
            log.error("an exception breaks off a transfer: %s: %s", to_text(query.qname), error, exc_info=_debug())
            raise

    def _show(self, asked: Asked, known: Known, response: bytes) -> Tally | None:
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
                wanted = observer.finished(finished)
                if wanted is not UNCOUNTED:
                    tally = _joined(tally, wanted)
            except Exception as error:  # an answer is not lost because somebody fails to take note of it
                self._panics.add()
                log.error("an exception leaves an observer: %s: %s", type(error).__name__, error, exc_info=_debug())
        return tally


_NO_BLOCK = Block(handler=lambda request: _never(request))


async def _never(request: Request) -> Reply:
    raise AssertionError("no question is routed here")


def _judged(guards: tuple[Guard, ...], client: Client, query: Query | None) -> Verdict:
    """Return what the first of the guards says that will not have the answer sent."""
    for guard in guards:
        verdict = guard(client, query)
        if verdict is not Verdict.SEND:
            return verdict
    return Verdict.SEND


def _joined(tally: Tally | None, wanted: Tally | None) -> Tally | None:
    """Return where repeats are counted when two want it so; None when they must be shown, or counted twice."""
    return wanted if tally is UNCOUNTED else None


def _debug() -> bool:
    return log.isEnabledFor(logging.DEBUG)
