"""The RRsets of a zone that is made of parts: another version has other parts, and nothing else is copied."""

from collections.abc import Iterator, Mapping, ValuesView
from itertools import chain

from fedresolver.wire.name import Name
from fedresolver.wire.rr import RRset

Types = Mapping[int, RRset]
"""The RRsets of a name by their types."""


class Grouped(Mapping[Name, Types]):
    """The RRsets by owner in `groups`, no two of which have the same owner.

    To go through all costs no more than in one dictionary. To look one up is a search through the groups, which finds
    what is in the first ones soon.
    """

    def __init__(self, groups: tuple[Mapping[Name, Types], ...]) -> None:
        self._groups = groups

    def __getitem__(self, owner: Name) -> Types:
        for group in self._groups:
            if owner in group:
                return group[owner]
        raise KeyError(owner)

    def __iter__(self) -> Iterator[Name]:
        return chain.from_iterable(self._groups)

    def __len__(self) -> int:
        return sum(map(len, self._groups))

    def values(self) -> ValuesView[Types]:
        """Return what all owners have."""
        return _Values(self, self._groups)


class _Values(ValuesView[Types]):
    def __init__(self, whole: Grouped, groups: tuple[Mapping[Name, Types], ...]) -> None:
        super().__init__(whole)
        self._groups = groups

    def __iter__(self) -> Iterator[Types]:
        return chain.from_iterable(group.values() for group in self._groups)
