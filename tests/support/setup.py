"""Plugins from Corefile text."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from fedresolver.chain.plugin import Plugin, Unit
from fedresolver.chain.setup import Setup, Shared
from fedresolver.config.corefile import parse
from fedresolver.config.stanza import Stanza
from fedresolver.observe.metrics import Metrics
from fedresolver.plugins import set_up
from fedresolver.wire.name import ROOT, Name


class NoFiles:
    """A file system for Corefiles that import nothing."""

    def read(self, path: str) -> str:
        raise FileNotFoundError(path)

    def glob(self, pattern: str) -> tuple[str, ...]:
        return ()


@dataclass
class FakeProcess:
    """A process whose state a test writes."""

    stopping: bool = False
    lacking: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    is_changed: bool = False
    reloads: int = 0
    forgotten: int = 0
    file: str = "Corefile"

    def listening(self) -> tuple[str, ...]:
        return ()

    def missing(self) -> tuple[str, ...]:
        return self.lacking

    def changed(self) -> bool:
        return self.is_changed

    async def reload(self) -> None:
        self.reloads += 1

    def notes(self) -> tuple[str, ...]:
        return self.noted

    def forget(self) -> None:
        self.forgotten += 1


@dataclass
class Surroundings:
    """What outlives a reload: the process, the metrics, the units by their keys."""

    process: FakeProcess = field(default_factory=FakeProcess)
    metrics: Metrics = field(default_factory=Metrics)
    units: dict[Hashable, Unit] = field(default_factory=dict)

    def keep(self, key: Hashable, make: Callable[[], Unit]) -> Unit:
        if key not in self.units:
            self.units[key] = make()
        return self.units[key]


def stanzas(text: str, file: str = "Corefile") -> tuple[Stanza, ...]:
    """Return the stanzas of a server block that has `text` in it, which begins on line 2."""
    (block,) = parse(f". {{\n{text}\n}}\n", file, NoFiles(), {}).blocks
    return block.stanzas


def plugin(
    text: str,
    around: Surroundings | None = None,
    file: str = "Corefile",
    zones: tuple[Name, ...] = (ROOT,),
    plugins: tuple[str, ...] = (),
    clock: Callable[[], float] = lambda: 0.0,
    shared: Shared | None = None,
) -> Plugin:
    """Return the plugin that the stanzas of one directive make; `plugins` are the names of all in its server block."""
    around = around or Surroundings()
    given = stanzas(text, file)
    setup = Setup(
        stanzas=given,
        zones=zones,
        server="dns://:53",
        plugins=plugins,
        process=around.process,
        metrics=around.metrics,
        environ={},
        clock=clock,
        wall=lambda: 0.0,
        keep=around.keep,
        shared=shared or Shared(),
    )
    return set_up(given[0].text)(setup)
