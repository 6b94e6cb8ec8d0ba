"""What a zone holds, as it was written or transferred: nothing is derived from it here."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from fedresolver.wire.const import Type
from fedresolver.wire.name import Name
from fedresolver.wire.rr import RRset

_AT_ONCE = 1000
_SERIAL = slice(-20, -16)
"""Where the serial stands in the data of an SOA, from its end (RFC 1035 3.3.13)."""


def serial_of(soa: RRset) -> int:
    """Return the serial of an SOA."""
    return serial_in(soa.rdatas[0])


def serial_in(rdata: bytes) -> int:
    """Return the serial in the data of an SOA."""
    return int.from_bytes(rdata[_SERIAL])


class Contents(msgspec.Struct, frozen=True):
    """The RRsets of the zone `apex` by owner and type, the SOA among them; names in data are as they were written."""

    apex: Name
    rrsets: Mapping[Name, Mapping[int, RRset]]

    @property
    def soa(self) -> RRset:
        """The SOA of the zone."""
        return self.rrsets[self.apex][Type.SOA]

    @property
    def serial(self) -> int:
        """The serial of the SOA."""
        return serial_of(self.soa)

    def in_turns(self, turn: Callable[[], None]) -> Iterator[tuple[Name, Mapping[int, RRset]]]:
        """Yield the owners with what they have; `turn` is called at the first, and after each thousand of them."""
        for number, found in enumerate(self.rrsets.items()):
            if number % _AT_ONCE == 0:
                turn()
            yield found

    def others(self) -> Iterator[RRset]:
        """Yield all RRsets but the SOA."""
        for types in self.rrsets.values():
            for rtype, rrset in types.items():
                if rtype != Type.SOA:
                    yield rrset


def contents(apex: Name, rrsets: Iterable[RRset]) -> Contents:
    """Return the contents of a zone from its RRsets, of which no two have the same owner and type; one is its SOA."""
    found: dict[Name, dict[int, RRset]] = {}
    for rrset in rrsets:
        found.setdefault(rrset.owner, {})[rrset.rtype] = rrset
    return Contents(apex, found)
