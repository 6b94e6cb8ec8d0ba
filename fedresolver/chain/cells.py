"""Cells of answers that depend on several things."""

from typing import SupportsIndex

from fedresolver.chain.handler import FOREVER, Cell


class _All(list[bool]):
    """A cell that is true while all of `cells` are; it is read as any other, `cell[0]`."""

    __slots__ = ("cells",)

    def __init__(self, cells: tuple[Cell, ...]) -> None:
        super().__init__((True,))
        self.cells = cells

    def __getitem__(self, place: SupportsIndex) -> bool:  # type: ignore[override]  # nobody reads a slice of a cell
        return all(cell[0] for cell in self.cells)


def joined(*cells: Cell | None) -> Cell | None:
    """Return the cell of an answer that depends on all of `cells`; None if one part may not be kept at all."""
    found: list[Cell] = []
    for cell in cells:
        if cell is None:
            return None
        found += cell.cells if isinstance(cell, _All) else (cell,)
    apart = {id(cell): cell for cell in found if cell is not FOREVER}
    if not apart:
        return FOREVER
    parts = tuple(apart.values())
    return parts[0] if len(parts) == 1 else _All(parts)
