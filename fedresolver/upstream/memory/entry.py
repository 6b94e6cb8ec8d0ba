"""One reply that is kept, with what is known of its use."""

import asyncio
from typing import TypeAlias

from fedresolver.chain.handler import Cell, Reply
from fedresolver.upstream.memory.lifetime import Kind, octets

Key: TypeAlias = bytes
"""What tells a question from others (`wire.asking.key_of`)."""
Refresh: TypeAlias = asyncio.Task[Reply | None]
"""What asks for an entry anew; its result is the reply, None when there is none to be had."""
USUAL = 2048
"""The octets up to which an entry counts as one; larger ones take the place of several."""


class Entry:
    """A reply as it was at `born`, to be given until `ends`, both in seconds of the monotonic clock.

    `heard` is the reply as it came; the cell is true until something else is known. From `early` on it may be asked
    for anew, after its end not before `again`; `refresh` is what asks. It stays until `leaves`, is as heavy as
    `weight` usual ones, and was asked for `hits` times, at last at `last`.
    """

    __slots__ = (
        "again", "born", "cell", "early", "ends", "heard", "hits", "key", "kind", "last", "leaves", "refresh", "reply",
        "weight",
    )  # fmt: skip

    def __init__(self, key: Key, kind: Kind, replies: tuple[Reply, Reply], born: float, seconds: float) -> None:
        self.key = key
        self.kind = kind
        self.heard, self.reply = replies
        self.born = born
        self.ends = self.early = self.leaves = born + seconds
        self.again = born
        self.refresh: Refresh | None = None
        self.cell: Cell = [True]
        self.weight = 1 + octets(self.reply) // USUAL
        self.hits = 1
        self.last = born

    def count(self, number: int, now: float, gap: float) -> None:
        """Take in that it was asked for `number` times more; what was before a pause of `gap` seconds is forgotten."""
        self.hits = number if now - self.last >= gap else self.hits + number
        self.last = now

    def inherit(self, former: "Entry") -> None:
        """Be as popular as the `former` entry, in whose place this one comes."""
        self.hits, self.last = former.hits, former.last
