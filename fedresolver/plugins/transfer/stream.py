"""Transfers under way: each counts until its last message is taken, or nobody is there any more to take it."""

from collections.abc import Callable, Iterator

from fedresolver.chain.handler import Chunk

MOST = 100
"""Transfers at once; each may hold a version of its zone that nobody else needs any more."""


class Streams:
    """The transfers that a server block is sending."""

    def __init__(self) -> None:
        self.running = 0

    @property
    def full(self) -> bool:
        """Whether there are so many that another one has to wait."""
        return self.running >= MOST

    def begin(self, chunks: Iterator[Chunk], ended: Callable[[bool], None]) -> Iterator[Chunk]:
        """Return `chunks` as a transfer; `ended` is told at its end whether all of them were taken."""
        return _Stream(self, chunks, ended)


class _Stream:
    """An iterator that knows when it is dropped: a generator that was never asked for anything would not."""

    def __init__(self, streams: Streams, chunks: Iterator[Chunk], ended: Callable[[bool], None]) -> None:
        self._streams = streams
        self._chunks = chunks
        self._ended = ended
        self._whole = False
        streams.running += 1

    def __iter__(self) -> Iterator[Chunk]:
        return self

    def __next__(self) -> Chunk:
        try:
            return next(self._chunks)
        except StopIteration:
            self._whole = True
            raise

    def __del__(self) -> None:
        self._streams.running -= 1
        self._ended(self._whole)
