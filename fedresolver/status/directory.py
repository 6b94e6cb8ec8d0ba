"""Who can be asked about a running server: what the plugins of all its server blocks share."""

from collections.abc import Callable, Hashable, Iterator
from typing import Protocol

import msgspec

from fedresolver.authority.zones import Source, Zones
from fedresolver.chain.handler import Handler
from fedresolver.status.documents import Cluster, Difference, Explanation, Federation, Service, Transition, Upstream
from fedresolver.walk.supposed import Change
from fedresolver.wire.name import Name, parents


class UnknownError(ValueError):
    """Something that was asked for is not there; the text is one line that says what is."""


class Why(msgspec.Struct, frozen=True):
    """A question whose answer is to be explained: name and type, and how the federation is to be seen.

    `member` is the cluster from which it is seen, empty for the one that we run in; `changes` are supposed. `at` is a
    time in the past, in seconds since the epoch, None for now.
    """

    qname: Name
    qtype: int
    member: str = ""
    changes: tuple[Change, ...] = ()
    at: float | None = None


class Told(Protocol):
    """The federations of one server block, as far as they can be asked."""

    async def ask_versions(self) -> None:
        """Have the members asked for their versions that never were."""

    def federations(self) -> Iterator[Federation]:
        """Yield the federations themselves."""

    def clusters(self) -> Iterator[Cluster]:
        """Yield the member clusters."""

    def services(self, after: str, having: str = "") -> Iterator[Service]:
        """Yield in order the Services whose `federation/namespace/name` comes after `after` and has `having` in it."""

    def transitions(self, federation: str, number: int) -> Iterator[Transition]:
        """Yield what has changed in a federation, from the transition with this number on."""

    @property
    def begins(self) -> float:
        """From when on all that has changed is known, in seconds since the epoch."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the federations."""

    def has(self, qname: Name) -> bool:
        """Say whether a name is in zones of these federations."""

    async def explain(self, why: Why) -> Explanation:
        """Return why a name of these federations has its answer; UnknownError for a member or a change of none."""

    def absent(self, change: Change) -> str:
        """Return that what a change is about is not there, and what is; empty where it is there."""

    def simulate(self, changes: tuple[Change, ...]) -> Iterator[Difference | None]:
        """Yield for each name that there is how its answer would change, None where it would not."""


class Block(msgspec.Struct, frozen=True):
    """A server block: what it is called, its zones, those of which all records are known, and what it answers."""

    server: str
    zones: tuple[Name, ...]
    sources: Zones
    handler: Handler


class Directory:
    """All who can be asked: `federations`, the `blocks` that they are in, and those who have `upstreams`."""

    def __init__(self) -> None:
        self.federations: list[Told] = []
        self.blocks: list[Block] = []
        self.upstreams: list[Callable[[], Iterator[Upstream]]] = []
        self._taken: set[Hashable] = set()

    def take(self, thing: Hashable) -> bool:
        """Say whether nobody else tells of `thing`, which several server blocks may have; from now on somebody does."""
        if thing in self._taken:
            return False
        self._taken.add(thing)
        return True

    def sources(self) -> dict[Name, Source]:
        """Return the zones of which all records are known; of several of one name the first."""
        return {apex: source for block in reversed(self.blocks) for apex, source in block.sources.all()}

    def block_of(self, qname: Name) -> tuple[Block, Name] | None:
        """Return the block that is asked for a name, and its zone: the longest that the name is in."""
        for parent in parents(qname):
            for block in self.blocks:
                if parent in block.zones:
                    return block, parent
        return None
