"""What is known of a federation's members, whoever reads them: it outlives sources that a reload replaces."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from fedresolver.model.objects import Object
from fedresolver.watch.worker import beside


class Knowing(Protocol):
    """A source, as far as it can be asked what it holds."""

    def objects(self) -> Mapping[str, Sequence[Object]]:
        """Return all that is held of each member that was ever listed, now or before a restart."""


class Memory:
    """The memory of one federation. It lives for as long as the federation is configured, under whatever settings.

    `read` returns what was known before a restart, and may wait for the disk. `used` is whether a federation has been
    started with this memory: a later one goes on from there, and waits for nobody. `shared` are sources that other
    federations have, too. `turned` is when each member that is stale turned so, in seconds of the monotonic clock.
    """

    def __init__(self) -> None:
        self.read: Callable[[], Mapping[str, Sequence[Object]]] = dict
        self.used = False
        self.shared: tuple[Knowing, ...] = ()
        self.turned: dict[str, float] = {}
        self._sources: list[Knowing] = []
        self._restored: Mapping[str, Sequence[Object]] = {}

    async def start(self) -> None:
        """Find out what was known before a restart."""
        self._restored = await beside(self.read)

    async def stop(self) -> None:
        """Have nothing to end."""

    def add(self, source: Knowing) -> None:
        """Ask a source from now on."""
        self._sources.append(source)

    def drop(self, source: Knowing) -> None:
        """Ask a source no more."""
        self._sources.remove(source)

    def recall(self, member: str) -> Sequence[Object] | None:
        """Return what is known of a member; None when nothing is."""
        for source in self._every():
            known = source.objects().get(member)
            if known is not None:
                return known
        return self._restored.get(member)

    def forget(self) -> None:
        """Let go of what was known before the restart, once everybody who wanted it has it."""
        self._restored = {}

    def objects(self) -> dict[str, Sequence[Object]]:
        """Return what the sources hold now; of a member that is there twice, what the first does."""
        return {name: found for source in reversed(self._every()) for name, found in source.objects().items()}

    def _every(self) -> tuple[Knowing, ...]:
        return (*self.shared, *self._sources)
