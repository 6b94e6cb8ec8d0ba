"""A federation that can be answered from: the one that runs, or one that is imagined."""

from collections.abc import Callable
from typing import Protocol

from fedresolver.model.view import View
from fedresolver.plugins.federation.cells import Cells
from fedresolver.plugins.federation.settings import Settings
from fedresolver.upstream.hostnames.hostnames import Hostnames
from fedresolver.walk.supposed import Change, Supposed


class Live(Protocol):
    """What answers are made of; `clock` is monotonic, in seconds.

    `collides` is whether a namespace of the local member is called like the federation.
    """

    @property
    def settings(self) -> Settings:
        """What its operator says of it."""

    @property
    def store(self) -> View:
        """The federation as it stands."""

    @property
    def cells(self) -> Cells:
        """What answers are kept by."""

    @property
    def hostnames(self) -> Hostnames:
        """The host names of its load balancers."""

    @property
    def collides(self) -> bool:
        """Whether local truth comes first."""

    @property
    def clock(self) -> Callable[[], float]:
        """The monotonic clock."""


class Imagined:
    """A federation as it would be with `changes`, seen from the member `local`, from here where that is empty.

    `past` is how it stood at a moment, in seconds of the monotonic clock. Its answers are made like those of the one
    that runs, and kept by nobody.
    """

    def __init__(
        self, real: Live, changes: tuple[Change, ...], local: str, past: tuple[View, float] | None = None
    ) -> None:
        view, now = past or (real.store, real.clock())
        self.settings = real.settings
        self.store: View = Supposed(view, changes, local or None, now)
        self.cells = Cells()
        self.hostnames = real.hostnames
        self.clock: Callable[[], float] = lambda: now
        self.collides = real.collides and not local
