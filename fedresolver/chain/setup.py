"""What a plugin is given when it is set up."""

from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar, cast

import msgspec

from fedresolver.chain.plugin import Plugin, Unit
from fedresolver.config.stanza import Stanza
from fedresolver.observe.metrics import Metrics
from fedresolver.wire.name import Name

P = TypeVar("P")


class Process(Protocol):
    """The running server, as far as plugins may know it."""

    @property
    def stopping(self) -> bool:
        """Whether the process was told to end."""

    @property
    def file(self) -> str:
        """The path of the configuration."""

    def listening(self) -> tuple[str, ...]:
        """Return the addresses where it answers: `dns://127.0.0.1:53`, `http://127.0.0.1:8053`."""

    def missing(self) -> tuple[str, ...]:
        """Return what keeps the process from being ready, a line each."""

    def notes(self) -> tuple[str, ...]:
        """Return what an operator should know of a process that is ready all the same, a line each."""

    def forget(self) -> None:
        """Make every answer anew: something has changed that may touch any name, also those that others answered."""

    def changed(self) -> bool:
        """Say whether the configuration's files differ from those that run."""

    async def reload(self) -> None:
        """Read the configuration again and go over to it; on any error keep the old one and log it."""


class Shared:
    """What some plugins have in common."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, object] = {}

    def part(self, make: Callable[[], P]) -> P:
        """Return what `make` made the first time that one of them asked for it."""
        if make not in self._parts:
            self._parts[make] = make()
        return cast("P", self._parts[make])


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """All that `setup(setup) -> Plugin` of a plugin may use.

    `stanzas` are those of its name in one server block, in order, at least one. `zones` are the zones of the block,
    `server` is its label, such as `dns://:53`, `plugins` are the names of all that it has, in the order of ORDER, and
    `shared` is what they have in common; `common` is what all plugins of the configuration have. `hosts` are the
    addresses that the block is bound to, none for all. `clock` is monotonic, in seconds; `wall` is seconds since the
    epoch. `keep` returns the unit that already runs under a key, or makes it: so it outlives a reload.
    """

    stanzas: tuple[Stanza, ...]
    zones: tuple[Name, ...]
    server: str
    plugins: tuple[str, ...] = ()
    process: Process
    metrics: Metrics
    environ: dict[str, str]
    clock: Callable[[], float]
    wall: Callable[[], float]
    keep: Callable[[Hashable, Callable[[], Unit]], Unit]
    hosts: tuple[str, ...] = ()
    shared: Shared = msgspec.field(default_factory=Shared)
    common: Shared = msgspec.field(default_factory=Shared)


SetUp = Callable[[Setup], Plugin]
