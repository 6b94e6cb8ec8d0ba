"""The levels of the walk: a topology zone, a region, everywhere."""

from collections.abc import Iterable

import msgspec

from fedresolver.model.place import Place
from fedresolver.model.service import label


class Level(msgspec.Struct, frozen=True, gc=False):
    """A part of the federation, all of it where both are empty.

    A topology zone without a region is the short form of its name: it means the zone of that name in every region.
    """

    region: str = ""
    topology_zone: str = ""

    def covers(self, place: Place) -> bool:
        """Say whether `place` lies in this level."""
        return (not self.region or place.region == self.region) and (
            not self.topology_zone or place.topology_zone == self.topology_zone
        )

    def covers_any(self, places: Iterable[Place]) -> bool:
        """Say whether one of `places` lies in this level; a member without any place counts everywhere only."""
        return self == EVERYWHERE or any(self.covers(place) for place in places)

    def labels(self) -> bytes:
        """Return what stands between `svc` and the domain in a name of this level, in wire form."""
        return b"".join(label(text) for text in (self.topology_zone, self.region) if text)

    def text(self) -> str:
        """Return the level as people call it."""
        if self.topology_zone:
            return f"zone {self.topology_zone}"
        return f"region {self.region}" if self.region else "global"


EVERYWHERE = Level()


def upwards(level: Level, places: Iterable[Place]) -> tuple[Level, ...]:
    """Return `level` and those above it, the widest last.

    Above the short name of a topology zone is its region, of several the first by name.
    """
    if level == EVERYWHERE:
        return (level,)
    if not level.topology_zone:
        return (level, EVERYWHERE)
    region = level.region or min(place.region for place in places if level.covers(place))
    return (level, Level(region), EVERYWHERE)


def level_of(place: Place | None) -> Level:
    """Return the narrowest level of a place; without a place that is everywhere."""
    return EVERYWHERE if place is None else Level(place.region, place.topology_zone)


def named(labels: tuple[str, ...], places: Iterable[Place]) -> Level | None:
    """Return the level that one label (region, or short topology zone) or two (topology zone, region) name.

    None where the federation has no such place. A topology zone called like a region leaves the short name to the
    region.
    """
    if not labels:
        return EVERYWHERE
    tries = (Level(labels[0]), Level("", labels[0])) if len(labels) == 1 else (Level(labels[1], labels[0]),)
    places = tuple(places)
    return next((level for level in tries if any(level.covers(place) for place in places)), None)
