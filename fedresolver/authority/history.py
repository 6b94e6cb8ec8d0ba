"""The last versions of a zone, as the steps from each to the next: what IXFR answers with (RFC 1995)."""

from collections import deque

from fedresolver.wire.serial import is_newer
from fedresolver.zone.contents import Contents, serial_of
from fedresolver.zone.difference import Difference

MOST_STEPS = 100
"""How many steps are known at most."""
LEAST_OCTETS = 64 << 10
MOST_OCTETS = 16 << 20
"""How long all of them may be is half of the zone, but at least and at most so much."""
_OCTETS_OF_OWNER = 20
"""Half of what the records of one name take, about: an address and its owner."""


class History:
    """The steps that have led to the zone as it is now; each goes on where the one before it has ended."""

    def __init__(self) -> None:
        self._steps: deque[tuple[int, Difference, int]] = deque()
        self._octets = 0

    def add(self, step: Difference, now: Contents) -> None:
        """Take note of the step that has led to `now`; what is too old for its length is forgotten.

        After a step whose serial does not grow nothing is known: nobody could tell what was before it.
        """
        if not is_newer(serial_of(step.after), serial_of(step.before)):
            self.clear()
            return
        if self._steps and self._steps[-1][1].after != step.before:
            self.clear()
        octets = step.octets
        self._steps.append((serial_of(step.before), step, octets))
        self._octets += octets
        room = min(max(len(now.rrsets) * _OCTETS_OF_OWNER, LEAST_OCTETS), MOST_OCTETS)
        while self._steps and (len(self._steps) > MOST_STEPS or self._octets > room):
            self._octets -= self._steps.popleft()[2]

    def since(self, serial: int) -> tuple[Difference, ...] | None:
        """Return the steps from the version with this serial to the last; None where it is not known (any more)."""
        for place, (before, _, _) in enumerate(self._steps):
            if before == serial:
                return tuple(step for _, step, _ in tuple(self._steps)[place:])
        return None

    def clear(self) -> None:
        """Forget all."""
        self._steps.clear()
        self._octets = 0
