"""A zone that is served: it may be replaced at any time, and all who care are told."""

from collections.abc import Callable

from fedresolver.authority.versions import Versions
from fedresolver.chain.handler import new_cell
from fedresolver.wire.name import Name
from fedresolver.zone.contents import Contents
from fedresolver.zone.difference import Difference
from fedresolver.zone.zone import Zone, zone


class ServedZone:
    """The zone `apex` as it is now: None until it has something to answer from, and when that has expired.

    `cell` is what every answer from it depends on.
    """

    def __init__(self, apex: Name) -> None:
        self.apex = apex
        self.zone: Zone | None = None
        self.cell = new_cell()
        self._versions = Versions()

    @property
    def contents(self) -> Contents | None:
        """All that the zone holds."""
        return None if self.zone is None else self.zone.contents

    def take(self, held: Zone | Contents | None) -> None:
        """Hold something else from now on; None for nothing that could be answered from.

        Large contents are made a Zone beside the event loop, before; small ones are here.
        """
        self.zone = zone(held) if isinstance(held, Contents) else held
        self.cell[0] = False
        self.cell = new_cell()
        self._versions.take(self.contents)

    def since(self, serial: int) -> tuple[Difference, ...] | None:
        """Return what has changed since `serial`, step by step; None when that is not known (any more)."""
        return self._versions.since(serial)

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Have `changed` called whenever the zone holds something else than before, once `since` knows about it."""
        self._versions.subscribe(changed)

    def unsubscribe(self, changed: Callable[[], None]) -> None:
        """Have it called no more."""
        self._versions.unsubscribe(changed)
