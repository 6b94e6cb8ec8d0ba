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
from itertools import count, cycle
from typing import Any, Protocol, TypeAlias

import msgspec

from fedresolver.chain.handler import (
    NOT_IMPLEMENTED,
    REFUSED,
    Cell,
    Chunk,
    Client,
    Guard,
    Reply,
    Request,
    Verdict,
)
from fedresolver.chain.plugin import UNCOUNTED, Finished, Tally
from fedresolver.observe.metrics import Counter
from fedresolver.server.hot import Counting, Hot, Seconds, lasting
from fedresolver.server.later import Later, run
from fedresolver.server.once import Once
from fedresolver.server.router import Block, Router
from fedresolver.server.seldom import Seldom
from fedresolver.server.table import Table
from fedresolver.wire.const import AA, AD, RA, Opcode, Rcode, type_text
from fedresolver.wire.cookie import COOKIE
from fedresolver.wire.name import ROOT, Name, to_text
from fedresolver.wire.padding import is_wanted
from fedresolver.wire.query import Edns, Query, QueryError, edns_of_refused, is_query, read, unread
from fedresolver.wire.response import (
    PLAIN,
    PLAIN_UDP_SIZE,
    UDP_SIZE,
    Body,
    Ours,
    body,
    ede_option,
    part,
    refusal,
    respond,
    truncated,
    turns,
    whole,
)
from fedresolver.wire.tsig import SignatureError, Signer, verify
from fedresolver.wire.ttl import places

LONGEST_KEPT_QUESTION = 300
LONGEST_KEPT_ANSWER = 1232
_MOST_DENIALS = 1024
_DROP, _SLIP = Verdict.DROP, Verdict.SLIP
_TC = 0x02
"""TC in the third octet of a header."""

_NEVER_KEPT: Cell = [False]
log = logging.getLogger("fedresolver.server")


class Known(msgspec.Struct, frozen=True, gc=False):
    """The answer to a question, whoever asks: its bodies, `turn` to take the next where there are several, its cell.

    `apex` is the zone that an answer without records is about.
    """

    bodies: tuple[Body, ...]
    turn: Callable[[], Body] | None
    cell: Cell
    reply: Reply
    block: Block
    zone: Name
    size: int
    apex: Name


Messages: TypeAlias = Iterator[bytes]
"""The messages of a transfer, made one by one as they are wanted; for transports with connections only."""
Outcome: TypeAlias = "bytes | Messages | None"
"""A response, or several; None where there is to be none."""


class Pending:
    """A response that is waited for; `end` makes it of what `later` brings."""

    __slots__ = ("_asked", "_end", "_later", "_send")

    def __init__(
        self, later: Later[Reply], asked: "_Asked", end: Callable[["_Asked", Reply | Exception], Outcome]
    ) -> None:
        self._later = later
        self._asked = asked
        self._end = end

    def start(self, send: Callable[["Pending", Outcome], None]) -> None:
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
        self._denials: dict[tuple[int, int], Known] = {}
        self._once = Once()
        self._seconds = Seconds(clock)
        self._firsts = count()

    def route(self, router: Router) -> None:
        """Answer by other blocks from now on."""
        self._router = router
        self.forget()

    def forget(self) -> None:
        """Make the answers to known questions anew; what the listeners keep is theirs."""
        self._known.clear()
        self._denials.clear()

    def again(self, message: bytes, hot: Hot, way: Way, peer: Any) -> "Outcome | Pending":  # noqa: ANN401
        """Return the response to one more of the same message, or what will give it."""
        if not hot.holds[0]:
            renewed = self._seconds.renewed(hot)
            if renewed is None:
                way.hot.drop(message[2:])
                return self.resolve(message, way, peer)
            way.hot.put(message[2:], hot := renewed)
        verdict = _judged(hot.guards, way.client(peer), None) if hot.guards else Verdict.SEND
        if verdict is Verdict.SEND:
            return hot.again(message)
        if verdict is Verdict.ASK:
            return self._ask(_Asked(message, read(message), way, peer, self._clock()))
        return truncated(read(message)) if verdict is Verdict.SLIP else None

    def resolve(self, message: bytes, way: Way, peer: Any) -> "Outcome | Pending":  # noqa: ANN401
        """Return the response to `message`, or what will give it."""
        if not is_query(message):
            return None
        received = self._clock()
        try:
            query = read(message, notified=self._router.notified)
        except QueryError as error:
            query = error.query or unread(message, edns_of_refused(message))
            return self._refuse(_Asked(message, query, way, peer, received), error)
        asked = _Asked(message, query, way, peer, received)
        return self._verified(asked) if query.signature else self._look_up(asked)

    def _look_up(self, asked: "_Asked") -> "Outcome | Pending":
        """Return the response to a question that nobody has signed."""
        query = asked.query
        known = self._known.get(asked.known)
        if known is None or not known.cell[0] or not query.ordinary:
            return self._ask(asked)
        if known.block.gates and (reply := asked.gated(known.block)) is not None:
            return self._answer(asked, reply)
        guards = known.reply.guards
        verdict = _judged(guards, asked.client(), query) if guards else Verdict.SEND
        return self._ask(asked) if verdict is Verdict.ASK else self._finish(asked, known, verdict)

    def _refuse(self, asked: "_Asked", error: QueryError) -> "Outcome | Pending":
        """Return the response to a message that cannot be answered; one without a question may want a cookie only."""
        query, rcode = asked.query, int(error.rcode)
        if query.question:
            refused = Reply(rcode=error.rcode, authoritative=False)
            return self._verified(asked, refused) if query.signature else self._answer(asked, refused)
        block = self._router.default or _NO_BLOCK
        if error.query is not None and block.gates and (reply := asked.gated(block)) is not None:
            rcode = reply.rcode
        return refusal(asked.message, rcode, query.edns, asked.ours(block))

    def _verified(self, asked: "_Asked", refused: Reply | None = None) -> "Outcome | Pending":
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

    def _answer(self, asked: "_Asked", reply: Reply) -> Outcome:
        """Return a response that is not worked out by the chain of the question's block."""
        block, zone = self._router.match(asked.query) or (_NO_BLOCK, ROOT)
        return self._finish(asked, self._made(asked.query, reply, block, zone), reply.verdict)

    def _ask(self, asked: "_Asked") -> "Outcome | Pending":
        """Send a new question through the chain of its block."""
        query = asked.query
        match = self._router.match(query)
        if match is None:
            return self._answer(asked, _unasked(query))
        block, zone = match
        if block.gates and (reply := asked.gated(block)) is not None:
            return self._answer(asked, reply)
        handler = block.handler if query.ordinary else block.aside
        work: Coroutine[Any, Any, Reply] = handler(asked.request(zone))  # type: ignore[assignment]  # it is awaitable
        denied = False
        try:
            found = run(work)
            if isinstance(found, Later):
                return Pending(found, asked, partial(self._end, self._router, match))
            denied = not found.answer and query.ordinary
            known = (self._denial if denied else self._made)(query, found, block, zone)
        except Exception as error:
            known = self._failed(error, query, block, zone)
        return self._finish(asked, known, known.reply.verdict) if denied else self._told(asked, known)

    def _told(self, asked: "_Asked", known: Known) -> Outcome:
        """Return the response that the chain has led to, and keep the answer for whoever asks the same."""
        query, reply = asked.query, known.reply
        if reply.answer and reply.cell is not None and not reply.foreign and query.ordinary and not query.signature:
            self._known.put(asked.known, known)
        return self._finish(asked, known, reply.verdict)

    def _end(self, router: Router, match: tuple[Block, Name], asked: "_Asked", outcome: Reply | Exception) -> Outcome:
        """Return the response that a chain has ended in after it had to wait."""
        try:
            if isinstance(outcome, Exception):
                raise outcome
            known = self._made(asked.query, outcome, *match)
        except Exception as error:
            known = self._failed(error, asked.query, *match)
        if router is not self._router:  # what another configuration says is not kept
            known = msgspec.structs.replace(known, cell=_NEVER_KEPT)
        return self._finish(asked, known, known.reply.verdict)

    def _failed(self, error: Exception, query: Query, block: Block, zone: Name) -> Known:
        self._panics.add()
        what = f"{to_text(query.qname)} {type_text(query.qtype)}"
        log.error("an exception answers SERVFAIL: %s: %s: %s", what, type(error).__name__, error, exc_info=_debug())
        return self._made(query, Reply(rcode=Rcode.SERVFAIL, authoritative=False), block, zone)

    def _denial(self, query: Query, reply: Reply, block: Block, zone: Name) -> Known:
        """Return what `_made` does, of a reply without an answer.

        Who denies names says the same of many: the very same reply. The answer is the same then for all names in which
        the zone begins at the same place.
        """
        key = id(reply), len(query.qname)
        known = self._denials.get(key)
        if known is not None and known.reply is reply and known.block is block and known.zone == zone:
            end = key[1] - len(known.apex)
            if query.qname.endswith(known.apex) and end in query.starts:
                return known
        known = self._made(query, reply, block, zone)
        if reply.additional or len(reply.authority) > 1 or reply.stream is not None:
            return known
        if len(self._denials) >= _MOST_DENIALS:
            self._denials.clear()
        self._denials[key] = known
        return known

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
        apex = reply.authority[0].owner if reply.authority else ROOT
        return Known(bodies, turn, cell, reply, block, zone, len(given.joined) * len(bodies), apex)

    def _finish(self, asked: "_Asked", known: Known, verdict: Verdict = Verdict.SEND) -> Outcome:
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
        response = whole(query, given, ours)
        if len(response) > PLAIN_UDP_SIZE or asked.signer is not None or asked.way.encrypted:
            response = respond(query, given, asked.limit(block), ours, pad=asked.is_padded)
            if asked.signer is not None:
                response = self._signed(asked, truncated(query, ours) if response[2] & _TC else response)
        tally: Tally | None = UNCOUNTED
        if block.observers:
            tally = self._show(asked, known, response)
        if tally is None or not known.cell[0]:
            return response
        if not known.reply.answer and not self._once.again(asked.message[2:]):
            return response
        if _may_be_kept(asked.message, query, response):
            self._keep(asked, known, (given, response, ours), tally)
        return response

    def _signed(self, asked: "_Asked", response: bytes) -> bytes:
        """Return a response with the signature that its query is owed."""
        return response if asked.signer is None else asked.signer.sign(response, int(self._wall()))

    def _messages(self, asked: "_Asked", known: Known, stream: Iterator[Chunk]) -> Messages:
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

    def _keep(self, asked: "_Asked", known: Known, sent: tuple[Body, bytes, Ours], tally: Tally) -> None:
        """Keep a response, and what are to be the next ones where it is one of several turns."""
        query, way = asked.query, asked.way
        given, response, ours = sent
        bodies = _following(given, known.bodies)
        responses: tuple[bytes, ...] = (response[2:],)
        if len(bodies) > 1:
            limit = asked.limit(known.block)
            responses = tuple(respond(query, one, limit, ours, pad=asked.is_padded)[2:] for one in bodies)
        size = len(asked.message) + len(response) * len(bodies)
        life = known.reply.life
        if life is None:
            way.hot.put(asked.message[2:], lasting(responses, known.cell, tally, size, known.reply.guards))
        elif _is_whole(response, query, given):
            where = tuple(tuple(place - 2 for place in places(query, one)) for one in bodies)
            born = self._clock() if life.since is None else life.since
            counting = Counting(responses, where, born, life, known.cell, guards=known.reply.guards)
            hot = self._seconds.counting(counting, tally, size)
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
                wanted = observer.finished(finished)
                if wanted is not UNCOUNTED:
                    tally = _joined(tally, wanted)
            except Exception as error:  # an answer is not lost because somebody fails to take note of it
                self._panics.add()
                log.error("an exception leaves an observer: %s: %s", type(error).__name__, error, exc_info=_debug())
        return tally


class _Asked(msgspec.Struct, gc=False):
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
        """What the answer depends on, whoever asks: name, type and class."""
        return self.query.qname + self.query.question[-4:]

    def client(self) -> Client:
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
        if self.made is None:
            client = self.way.client(self.peer)
            self.made = Request(self.query, client, zone, len(self.message), self.received, self.key)
        return self.made


_NO_BLOCK = Block(handler=lambda request: _never(request))


async def _never(request: Request) -> Reply:
    raise AssertionError("no question is routed here")


def _unasked(query: Query) -> Reply:
    """Return the answer to what no block is asked: a zone that nobody serves."""
    return REFUSED if query.opcode == Opcode.QUERY else NOT_IMPLEMENTED


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


def _following(given: Body, bodies: tuple[Body, ...]) -> tuple[Body, ...]:
    """Return the turns that come after that of `given`, which is the last of them."""
    following = 0 if len(bodies) == 1 else bodies.index(given) + 1
    return bodies[following:] + bodies[:following]


def _is_whole(response: bytes, query: Query, given: Body) -> bool:
    """Say whether no record was left out of a response."""
    return response[4:12] == (given.counts if query.edns is None else given.counts_opt)


def _may_be_kept(message: bytes, query: Query, response: bytes) -> bool:
    """Say whether the same message may come again.

    Not with a cookie or a signature, nor in a letter case that is drawn at random.
    """
    if not query.ordinary or query.signature:
        return False
    if len(message) > LONGEST_KEPT_QUESTION or len(response) > LONGEST_KEPT_ANSWER:
        return False
    if query.edns is not None and query.edns.has(COOKIE):
        return False
    return query.question.startswith(query.qname)


def _debug() -> bool:
    return log.isEnabledFor(logging.DEBUG)
