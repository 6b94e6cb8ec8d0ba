"""Which responses are kept to be sent again, and in what form."""

from collections.abc import Callable

from fedresolver.chain.plugin import Tally
from fedresolver.server.asked import Asked
from fedresolver.server.hot import Counting, Hot, Seconds, lasting
from fedresolver.server.known import Known
from fedresolver.server.once import Once
from fedresolver.wire.cookie import COOKIE
from fedresolver.wire.query import Query
from fedresolver.wire.response import Body, Ours, respond
from fedresolver.wire.ttl import places

LONGEST_KEPT_QUESTION = 300
LONGEST_KEPT_ANSWER = 1232


class Keeper:
    """Puts responses into the tables of the ways by which they went; `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._once = Once()
        self._seconds = Seconds(clock)

    def renewed(self, hot: Hot) -> Hot | None:
        """Return what goes on with `hot`, which does not hold any more; None when it is at its end."""
        return self._seconds.renewed(hot)

    def wants(self, asked: Asked, known: Known, response: bytes) -> bool:
        """Say whether a response is to be kept: one that denies only when the same message comes a second time.

        What has a life comes for the second time already: whoever gave it that has seen to it.
        """
        reply = known.reply
        if not reply.answer and reply.life is None and not self._once.again(asked.message[2:]):
            return False
        return _may_be_kept(asked.message, asked.query, response)

    def keep(self, asked: Asked, known: Known, sent: tuple[Body, bytes, Ours], tally: Tally) -> None:
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
