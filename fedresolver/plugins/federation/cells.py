"""Which kept answers a change makes wrong: a cell per Service that was answered from.

An answer that may be kept until its Service changes holds the lasting cell of the Service. One that may be kept for
`BRIEF_SECONDS` only, for it carries the zone's serial or somebody's age, holds the brief one; where these have not
changed it holds on. The answers of all that does not exist share a cell: names nobody has are without number, and that
one appears is rare.
"""

from fedresolver.chain.handler import Cell
from fedresolver.model.service import ServiceKey
from fedresolver.model.store import Change

BRIEF_SECONDS = 5.0
NO_SERVICE = ServiceKey(b"")
"""The key under which answers about names without a Service are kept."""


class Cells:
    """The cells of one federation's answers. Each is true until `drop` or `tick` makes it false for good."""

    def __init__(self) -> None:
        self._lasting: dict[ServiceKey, Cell] = {}
        self._brief: dict[ServiceKey, Cell] = {}

    def lasting(self, key: ServiceKey) -> Cell:
        """Return the cell of answers that hold until the Service changes."""
        return self._lasting.setdefault(key, [True])

    def brief(self, key: ServiceKey = NO_SERVICE) -> Cell:
        """Return the cell of answers that hold until the Service changes, but not beyond the next tick."""
        return self._brief.setdefault(key, [True])

    def drop(self, change: Change) -> None:
        """Make false what stands behind `change`."""
        if change.world:
            _end(self._lasting)
            _end(self._brief)
            return
        for key in change.keys:
            for cells in (self._lasting, self._brief):
                cell = cells.pop(key, None)
                if cell is not None:
                    cell[0] = False
        if change.names:
            self.tick()

    def tick(self) -> None:
        """Make every brief cell false; to be called every `BRIEF_SECONDS`."""
        _end(self._brief)


def _end(cells: dict[ServiceKey, Cell]) -> None:
    for cell in cells.values():
        cell[0] = False
    cells.clear()
