"""Whether a message was seen before, from fingerprints in a room that never grows.

Absent names that strangers make up never come twice; to keep the answers to them would push out those that do.
"""

from array import array

_PLACES = 1 << 16


class Once:
    """Remembers some of the latest messages; two that share a place push each other out."""

    def __init__(self) -> None:
        self._marks = array("q", bytes(8 * _PLACES))

    def again(self, octets: bytes) -> bool:
        """Say whether these octets were asked about before; from now on they were."""
        mark = hash(octets)  # with a secret of the process: nobody can aim at a place
        place = mark & _PLACES - 1
        if self._marks[place] == mark:
            return True
        self._marks[place] = mark
        return False
