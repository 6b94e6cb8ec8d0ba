"""The lines of an answer that comes in parts. Bounded: no line is kept that could not be an object of etcd."""

from collections.abc import Awaitable, Callable
from typing import Self

from fedresolver.watch.cluster.trouble import Trouble, TroubleError

LONGEST_LINE = 4 << 20
"""Octets of a line: etcd takes no object above 1.5 MiB, which is longer as JSON."""


class Lines:
    """Iterates over lists of lines: those together that came together. `part` returns the next octets of an answer.

    TroubleError when a line has no end, or the answer ends within one.
    """

    def __init__(self, part: Callable[[], Awaitable[bytes]], path: str) -> None:
        self._part = part
        self._path = path
        self._open: list[bytes] = []
        self._size = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[bytes]:
        """Return the lines that came next, at least one."""
        while part := await self._part():
            self._size += len(part)
            if b"\n" in part and (whole := self._cut(part)):
                return whole
            if b"\n" not in part:
                self._open.append(part)
            if self._size > LONGEST_LINE:
                raise TroubleError(Trouble.TOO_LARGE, f"GET {self._path}: a line of more than {LONGEST_LINE} octets")
        if self._open:
            raise TroubleError(Trouble.BROKEN, f"GET {self._path}: the answer ended in the middle of a line")
        raise StopAsyncIteration

    def _cut(self, part: bytes) -> list[bytes]:
        *whole, rest = b"".join((*self._open, part)).split(b"\n")
        self._open, self._size = [rest] if rest else [], len(rest)
        return [line for line in whole if line]
