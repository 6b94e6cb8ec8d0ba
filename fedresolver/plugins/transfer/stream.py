"""Transfers under way: each counts until its last message is taken, or nobody is there any more to take it."""

from collections import Counter
from collections.abc import Callable, Iterator

from fedresolver.chain.handler import Chunk

MOST = 100
"""Transfers at once; each may hold a version of its zone that nobody else needs any more."""
MOST_OF_ONE = 25
"""Transfers at once to one address: some secondaries ask for many zones together."""


class Streams:
    """The transfers that a server block is sending."""

    def __init__(self) -> None:
        self._running: Counter[str] = Counter()

    @property
    def running(self) -> int:
        """How many there are."""
        return self._running.total()

    def full(self, address: str) -> bool:
        """Say whether there are so many, in all or to an address, that another one has to wait."""
        return self._running[address] >= MOST_OF_ONE or self.running >= MOST

    def begin(self, address: str, chunks: Iterator[Chunk], ended: Callable[[bool], None]) -> Iterator[Chunk]:
        """Return `chunks` as a transfer to an address; `ended` is told at its end whether all of them were taken."""
        self._running[address] += 1

        def gone(taken: bool) -> None:
            self._running[address] -= 1
            if not self._running[address]:
                del self._running[address]
            ended(taken)

        return _Stream(chunks, gone)


class _Stream:
    """An iterator that knows when it is dropped: a generator that was never asked for anything would not."""

    def __init__(self, chunks: Iterator[Chunk], ended: Callable[[bool], None]) -> None:
        self._chunks = chunks
        self._ended = ended
        self._whole = False

    def __iter__(self) -> Iterator[Chunk]:
        return self

    def __next__(self) -> Chunk:
        try:
            return next(self._chunks)
        except StopIteration:
            self._whole = True
            raise

    def __del__(self) -> None:
        self._ended(self._whole)
