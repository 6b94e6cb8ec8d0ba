"""The answer to a question, whoever asks: a reply as the bodies of responses."""

from collections.abc import Callable
from itertools import count, cycle

import msgspec

from fedresolver.chain.handler import Cell, Reply
from fedresolver.server.router import Block
from fedresolver.wire.const import AA, AD, RA
from fedresolver.wire.name import ROOT, Name
from fedresolver.wire.query import Query
from fedresolver.wire.response import Body, body, ede_option, turns

NEVER: Cell = [False]
"""The cell of an answer that is not kept."""
_MOST_DENIALS = 1024


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


class Maker:
    """Makes answers of replies; those that deny names once for all names of which the same is said."""

    def __init__(self) -> None:
        self._denials: dict[tuple[int, int], Known] = {}
        self._firsts = count()

    def forget(self) -> None:
        """Make all anew."""
        self._denials.clear()

    def denial(self, query: Query, reply: Reply, block: Block, zone: Name) -> Known:
        """Return what `made` does, of a reply without an answer.

        Who denies names says the same of many: the very same reply. The answer is the same then for all names in which
        the zone begins at the same place.
        """
        key = id(reply), len(query.qname)
        known = self._denials.get(key)
        if known is not None and known.reply is reply and known.block is block and known.zone == zone:
            end = key[1] - len(known.apex)
            if query.qname.endswith(known.apex) and end in query.starts:
                return known
        known = self.made(query, reply, block, zone)
        if reply.additional or len(reply.authority) > 1 or reply.stream is not None:
            return known
        if len(self._denials) >= _MOST_DENIALS:
            self._denials.clear()
        self._denials[key] = known
        return known

    def made(self, query: Query, reply: Reply, block: Block, zone: Name) -> Known:
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
        cell = NEVER if reply.cell is None else reply.cell
        apex = reply.authority[0].owner if reply.authority else ROOT
        return Known(bodies, turn, cell, reply, block, zone, len(given.joined) * len(bodies), apex)
