"""Whose turn it is, so that nobody who wants much keeps others from the little that they want."""

from typing import Generic, TypeVar

T = TypeVar("T")


class _Line(Generic[T]):
    """The things of one owner: those that are new come before those that are not."""

    def __init__(self) -> None:
        self.new: dict[T, None] = {}
        self.again: dict[T, None] = {}


class Turns(Generic[T]):
    """Things that wait, each once, with an owner: those that are urgent first, then one of each owner in turn."""

    def __init__(self) -> None:
        self._urgent: dict[T, None] = {}
        self._lines: dict[str, _Line[T]] = {}

    def __bool__(self) -> bool:
        return bool(self._urgent or self._lines)

    def add(self, owner: str, thing: T, *, new: bool) -> None:
        """Let a thing wait."""
        line = self._lines.setdefault(owner, _Line())
        (line.new if new else line.again)[thing] = None

    def hurry(self, owner: str, thing: T) -> None:
        """Let a thing that waits be first."""
        if self._leave(owner, thing):
            self._urgent[thing] = None

    def remove(self, owner: str, thing: T) -> None:
        """Let a thing wait no more, if it does."""
        if thing in self._urgent:
            del self._urgent[thing]
        else:
            self._leave(owner, thing)

    def take(self) -> T:
        """Return whose turn it is, and let it wait no more; there must be one."""
        if self._urgent:
            thing = next(iter(self._urgent))
            del self._urgent[thing]
            return thing
        owner, line = next(iter(self._lines.items()))
        thing = next(iter(line.new or line.again))
        self._leave(owner, thing)
        if owner in self._lines:
            self._lines[owner] = self._lines.pop(owner)
        return thing

    def _leave(self, owner: str, thing: T) -> bool:
        line = self._lines.get(owner)
        if line is None or not (thing in line.new or thing in line.again):
            return False
        line.new.pop(thing, None)
        line.again.pop(thing, None)
        if not line.new and not line.again:
            del self._lines[owner]
        return True
