"""Resource records as data: an RRset, and the octets of the record types that we make ourselves."""

import struct

import msgspec

from fedresolver.wire.const import Type
from fedresolver.wire.name import Name


class RRset(msgspec.Struct, frozen=True, gc=False):
    """The records of one owner and type, class IN: TTL in seconds, data as uncompressed octets."""

    owner: Name
    rtype: int
    ttl: int
    rdatas: tuple[bytes, ...]


class Soa(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The data of an SOA record (RFC 1035 3.3.13); times in seconds."""

    mname: Name
    rname: Name
    serial: int
    refresh: int = 7200
    retry: int = 1800
    expire: int = 86400
    minimum: int = 5

    def rdata(self) -> bytes:
        """Return the octets of the data."""
        times = (self.serial, self.refresh, self.retry, self.expire, self.minimum)
        return self.mname + self.rname + struct.pack("!5I", *times)


_MINIMUM = 4
"""The octets at the end of an SOA's data that say how long its denials hold (RFC 2308 4)."""


def denial_ttl(soa: RRset) -> int:
    """Return for how many seconds a denial holds that an SOA stands beside: the least of its TTL and its MINIMUM.

    RFC 2308 5.
    """
    return min(soa.ttl, int.from_bytes(soa.rdatas[0][-_MINIMUM:]))


def denial(soa: RRset) -> RRset:
    """Return an SOA as it stands beside a denial (RFC 2308 3)."""
    return RRset(soa.owner, soa.rtype, denial_ttl(soa), soa.rdatas)


def addresses(owner: Name, ttl: int, packed: tuple[bytes, ...]) -> tuple[RRset, ...]:
    """Return the A and the AAAA RRset of `packed` addresses (4 or 16 octets each), those that are not empty."""
    sets = (
        RRset(owner, Type.A, ttl, tuple(address for address in packed if len(address) == 4)),
        RRset(owner, Type.AAAA, ttl, tuple(address for address in packed if len(address) == 16)),
    )
    return tuple(rrset for rrset in sets if rrset.rdatas)


def cname(owner: Name, ttl: int, target: Name) -> RRset:
    """Return the CNAME of `owner`."""
    return RRset(owner, Type.CNAME, ttl, (target,))


def txt_rdata(*strings: bytes) -> bytes:
    """Return the data of a TXT record (RFC 1035 3.3.14) with these strings, of at most 255 octets each."""
    return b"".join(bytes((len(string),)) + string for string in strings)


def srv_rdata(weight: int, port: int, target: Name, priority: int = 0) -> bytes:
    """Return the data of an SRV record (RFC 2782); the target is never compressed."""
    return struct.pack("!3H", priority, weight, port) + target
