"""Records to octets. Names are compressed by dnslib: this is the only module that imports it.

It is given names as octets only, never text, and never anything that was not checked: dnslib encodes well, but decodes
strangers' messages without bounds. The rest of a record is put around its names here, at a third of the time.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice

from dnslib import DNSBuffer, DNSLabel

from fedresolver.wire.const import CLASS_IN, Type
from fedresolver.wire.name import Name, labels, parents
from fedresolver.wire.rr import RRset

LARGEST = 65535
"""Octets of the largest message."""
_LEAST_RECORD = 11
_MOST_RECORDS = LARGEST // _LEAST_RECORD
_POINTABLE = 0x3FFF
"""The last offset that a compression pointer can name (RFC 1035 4.1.4)."""
_QUESTION = b"\xc0\x0c"
"""A pointer to the name in the question, which stands behind the header."""
_LABELS = 4096


class _Buffer(DNSBuffer):  # type: ignore[misc]  # dnslib has no types
    """A buffer that never points where fourteen bits cannot reach."""

    names: dict[tuple[bytes, ...], int]

    def encode_name(self, name: DNSLabel) -> None:
        known = len(self.names)
        super().encode_name(name)
        if self.offset > _POINTABLE:  # those that were added stand at the end
            for added in tuple(islice(reversed(self.names), len(self.names) - known)):
                if self.names[added] > _POINTABLE:
                    del self.names[added]


def pack(rrsets: Iterable[RRset], known: Mapping[Name, int], at: int) -> tuple[bytes, ...]:
    """Return the records of `rrsets` in wire form, one by one, as they stand from offset `at` of a message on.

    Names are compressed against each other and against the `known` ones, given with their offsets. Where no message
    could hold them all, those are enough that it cannot.
    """
    buffer = _Buffer(bytes(at))
    buffer.offset = at
    buffer.names = {labels(name): offset for name, offset in known.items() if name != b"\0"}
    records = []
    for rrset in rrsets:
        owner, fixed = _label(rrset.owner), _fixed(rrset)
        names = _NAMES.get(rrset.rtype, 0)
        for rdata in rrset.rdatas:
            start = buffer.offset
            buffer.encode_name(owner)
            buffer.append(fixed)
            _append_data(buffer, rdata, names)
            records.append(bytes(buffer.data[start : buffer.offset]))
            if buffer.offset > LARGEST:
                return tuple(records)
    return tuple(records)


def pack_own(rrsets: Iterable[RRset], rclass: int = CLASS_IN) -> tuple[bytes, ...] | None:
    """Return the records of `rrsets` as `pack` does, all of them owned by the name in the question, and of a class.

    None where their data holds names that may be compressed.
    """
    records: list[bytes] = []
    for rrset in rrsets:
        if rrset.rtype in _NAMES:
            return None
        start = _QUESTION + _fixed(rrset, rclass)
        room = max(0, _MOST_RECORDS + 1 - len(records))
        records += [start + len(rdata).to_bytes(2) + rdata for rdata in rrset.rdatas[:room]]
    return tuple(records)


def _fixed(rrset: RRset, rclass: int = CLASS_IN) -> bytes:
    """Return type, class and TTL, which stand between owner and data (RFC 1035 3.2.1)."""
    return rrset.rtype.to_bytes(2) + rclass.to_bytes(2) + rrset.ttl.to_bytes(4)


def _append_data(buffer: _Buffer, rdata: bytes, names: int) -> None:
    """Append data with its length; the `names` that it begins with are compressed."""
    place = buffer.offset
    buffer.append(b"\0\0")
    position = 0
    for _ in range(names):
        name = _name_at(rdata, position)
        buffer.encode_name(_label(name))
        position += len(name)
    buffer.append(rdata[position:])
    buffer.data[place : place + 2] = (buffer.offset - place - 2).to_bytes(2)


def offsets(name: Name, at: int) -> dict[Name, int]:
    """Return where `name` and each of its parents stand when it stands at offset `at` of a message."""
    return {parent: at + len(name) - len(parent) for parent in parents(name)}


@lru_cache(_LABELS)
def _label(name: bytes) -> DNSLabel:
    return DNSLabel(labels(name))


def _name_at(octets: bytes, start: int) -> bytes:
    end = start
    while octets[end]:
        end += 1 + octets[end]
    return octets[start : end + 1]


_NAMES: Mapping[int, int] = {Type.CNAME: 1, Type.NS: 1, Type.PTR: 1, Type.SOA: 2}
"""The types whose data may hold compressed names, and with how many it begins; others go as they are (RFC 3597 4)."""
