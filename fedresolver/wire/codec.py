"""Records to octets, through dnslib: the only module that imports it.

It is given names as octets only, never text, and never anything that was not checked: dnslib encodes well, but decodes
strangers' messages without bounds.
"""

from collections.abc import Callable, Iterable, Mapping

from dnslib import CNAME, NS, PTR, RD, RR, SOA, DNSBuffer, DNSLabel

from fedresolver.wire.const import CLASS_IN, Type
from fedresolver.wire.name import Name, labels, parents
from fedresolver.wire.rr import RRset

_POINTABLE = 0x3FFF
"""The last offset that a compression pointer can name (RFC 1035 4.1.4)."""


class _Buffer(DNSBuffer):  # type: ignore[misc]  # dnslib has no types
    """A buffer that never points where fourteen bits cannot reach."""

    names: dict[tuple[bytes, ...], int]

    def encode_name(self, name: DNSLabel) -> None:
        super().encode_name(name)
        if self.offset > _POINTABLE:
            self.names = {name: offset for name, offset in self.names.items() if offset <= _POINTABLE}


def pack(rrsets: Iterable[RRset], known: Mapping[Name, int], at: int) -> tuple[bytes, ...]:
    """Return the records of `rrsets` in wire form, one by one, as they stand from offset `at` of a message on.

    Names are compressed against each other and against the `known` ones, given with their offsets.
    """
    buffer = _Buffer(bytes(at))
    buffer.offset = at
    buffer.names = {labels(name): offset for name, offset in known.items() if name != b"\0"}
    records = []
    for rrset in rrsets:
        owner = _label(rrset.owner)
        for rdata in rrset.rdatas:
            start = buffer.offset
            RR(owner, rrset.rtype, CLASS_IN, rrset.ttl, _rdata(rrset.rtype, rdata)).pack(buffer)
            records.append(bytes(buffer.data[start : buffer.offset]))
    return tuple(records)


def offsets(name: Name, at: int) -> dict[Name, int]:
    """Return where `name` and each of its parents stand when it stands at offset `at` of a message."""
    return {parent: at + len(name) - len(parent) for parent in parents(name)}


def _label(name: bytes) -> DNSLabel:
    return DNSLabel(labels(name))


def _soa(rdata: bytes) -> SOA:
    mname = _name_at(rdata, 0)
    rname = _name_at(rdata, len(mname))
    times = rdata[len(mname) + len(rname) :]
    return SOA(_label(mname), _label(rname), tuple(int.from_bytes(times[i : i + 4]) for i in range(0, 20, 4)))


def _name_at(octets: bytes, start: int) -> bytes:
    end = start
    while octets[end]:
        end += 1 + octets[end]
    return octets[start : end + 1]


_COMPRESSED: Mapping[int, Callable[[bytes], RD]] = {
    Type.CNAME: lambda rdata: CNAME(_label(rdata)),
    Type.NS: lambda rdata: NS(_label(rdata)),
    Type.PTR: lambda rdata: PTR(_label(rdata)),
    Type.SOA: _soa,
}
"""The types whose data may hold compressed names; all others go as they are (RFC 3597 4)."""


def _rdata(rtype: int, rdata: bytes) -> RD:
    make = _COMPRESSED.get(rtype, RD)
    return make(rdata)
