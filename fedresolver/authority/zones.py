"""The zones of a server block that can be transferred, whichever plugin has them."""

from collections.abc import Callable, Iterable
from typing import Protocol

from fedresolver.wire.name import Name
from fedresolver.zone.contents import Contents
from fedresolver.zone.difference import Difference

__all__ = ["Difference", "Source", "Zones"]


class Source(Protocol):
    """A zone as it is now. What it returns belongs to one moment: nothing changes between two calls in one turn."""

    @property
    def contents(self) -> Contents | None:
        """All that the zone holds; None while it has nothing to answer from."""

    def since(self, serial: int) -> tuple[Difference, ...] | None:
        """Return what has changed since `serial`, step by step; None when that is not known any more."""

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Have `changed` called whenever the zone holds something else than before, once `since` knows about it.

        What is known of the past is kept for those who subscribe: without any it may be nothing.
        """

    def unsubscribe(self, changed: Callable[[], None]) -> None:
        """Have it called no more."""


class Zones:
    """What the plugins of a server block share (`Setup.shared.part(Zones)`): their zones, by name.

    Those in `files` are zone files and copies of others' zones. They own their apex also where a federation, whose
    zones are in `federated`, has the same domain.
    """

    def __init__(self) -> None:
        self.files: dict[Name, Source] = {}
        self.federated: dict[Name, Source] = {}

    def find(self, apex: Name) -> Source | None:
        """Return the zone of this name."""
        return self.files.get(apex) or self.federated.get(apex)

    def all(self) -> Iterable[tuple[Name, Source]]:
        """Return all zones."""
        return tuple((self.federated | self.files).items())
