"""What is known of a federation's members, whoever reads them: it outlives sources that a reload replaces."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from fedresolver.model.objects import Object


class Knowing(Protocol):
    """A source, as far as it can be asked what it holds."""

    def objects(self) -> Mapping[str, Sequence[Object]]:
        """Return all that is held of each member that was ever listed, now or before a restart."""


class Memory:
    """The memory of one federation. It runs for as long as the federation is configured, under whatever settings.

    `used` is whether a federation has been started with it: a later one goes on from there, and waits for nobody.
    """

    def __init__(self) -> None:
        self.used = False
        self._sources: list[Knowing] = []
        self._restored: Mapping[str, Sequence[Object]] = {}

    async def start(self) -> None:
        """Have nothing to begin."""

    async def stop(self) -> None:
        """Have nothing to end."""

    def fill(self, objects: Mapping[str, Sequence[Object]]) -> None:
        """Remember what a snapshot has of each member."""
        self._restored = objects

    def add(self, source: Knowing) -> None:
        """Ask a source from now on."""
        self._sources.append(source)

    def drop(self, source: Knowing) -> None:
        """Ask a source no more."""
        self._sources.remove(source)

    def recall(self, member: str) -> Sequence[Object] | None:
        """Return what is known of a member; None when nothing is."""
        return self.objects().get(member, self._restored.get(member))

    def objects(self) -> dict[str, Sequence[Object]]:
        """Return what the sources hold now."""
        return {name: objects for source in self._sources for name, objects in source.objects().items()}
