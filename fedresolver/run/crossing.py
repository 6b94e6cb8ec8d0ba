"""Where chains of CNAMEs go on that lead from one server block into another one, which is served at the same place."""

from collections.abc import Iterable, Mapping

from fedresolver.chain.handler import Handler
from fedresolver.server.router import Block
from fedresolver.wire.name import Name, parents


class Crossing:
    """The other server blocks, as those of one block see them; nothing until `connect` has told."""

    def __init__(self) -> None:
        self._zones: dict[Name, Handler | None] = {}

    def elsewhere(self, name: Name) -> tuple[Handler, Name] | None:
        """Return the handler of the block that `name` belongs to, and its zone; None where that is our own."""
        for zone in parents(name):
            if zone in self._zones:
                handler = self._zones[zone]
                return None if handler is None else (handler, zone)
        return None

    def add(self, zone: Name, handler: Handler | None) -> None:
        """Have names of a zone asked of a handler; None for our own block's, which counts."""
        if handler is None or self._zones.get(zone, handler) is not None:
            self._zones[zone] = handler


def connect(
    places: Iterable[Mapping[Name, Block]], crossings: Mapping[int, Crossing], steps: Mapping[int, Handler]
) -> None:
    """Let the blocks of each place know each other; `crossings` and `steps` are by the identity of a block."""
    for blocks in places:
        for one in {id(block): block for block in blocks.values()}.values():  # a block may have thousands of zones
            crossing = crossings.get(id(one))
            if crossing is not None:
                for zone, other in blocks.items():
                    crossing.add(zone, None if other is one else steps[id(other)])
