"""How long somebody who does not read DNS may keep a response: an HTTP cache on its way."""

from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import name_end
from fedresolver.wire.query import HEADER

_TAIL = 4
"""The octets of a question after its name."""
_FIXED = 10
"""The octets of a record between its owner and its data."""
_TTL = slice(4, 8)
_MINIMUM = 4
_TC = 2
_KEPT = frozenset((Rcode.NOERROR, Rcode.NXDOMAIN))


def freshness(response: bytes) -> int:
    """Return for how many seconds a response of ours holds (RFC 8484 5.1): the least TTL of its answer section.

    An SOA in the authority section makes it a denial: its TTL and its MINIMUM count, too (RFC 2308 5). What says no
    such thing, or that something failed, does not hold at all.
    """
    if response[3] & 0xF not in _KEPT or response[2] & _TC or response[4:6] != b"\0\1":
        return 0
    position = name_end(response, HEADER) + _TAIL
    answers, authorities = int.from_bytes(response[6:8]), int.from_bytes(response[8:10])
    found: list[int] = []
    for number in range(answers + authorities):
        position = name_end(response, position)
        fixed = response[position : position + _FIXED]
        position += _FIXED + int.from_bytes(fixed[8:])
        if number < answers:
            found.append(int.from_bytes(fixed[_TTL]))
        elif fixed[:2] == _SOA:
            found += (int.from_bytes(fixed[_TTL]), int.from_bytes(response[position - _MINIMUM : position]))
    return min(found, default=0)


_SOA = Type.SOA.to_bytes(2)
