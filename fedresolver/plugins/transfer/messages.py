"""The records of a transfer, in messages (RFC 5936 2.2, RFC 1995 4)."""

from collections.abc import Iterable, Iterator

from fedresolver.chain.handler import Chunk
from fedresolver.wire.const import CLASS_IN, Type
from fedresolver.wire.name import Name
from fedresolver.wire.rr import RRset
from fedresolver.zone.contents import Contents
from fedresolver.zone.difference import Difference

FULL = 8 * 1024
"""Octets after which a message is sent: a quarter of a millisecond's work, for which an answer to others may wait."""
LONGEST = 64 * 1024 - 1024
"""Octets of a record that has room in a message beside header, question, OPT and a signature."""
_APEX = b"\xc0\x0c"
"""A pointer to the zone's name in the question, which stands behind the header."""
_CLASS = CLASS_IN.to_bytes(2)
_RRSIG = int(Type.RRSIG)
_ORIGINAL_TTL = slice(4, 8)
"""Where the data of a signature has the TTL of what it covers, which is its own (RFC 4034 3)."""


def whole(contents: Contents) -> Iterator[RRset]:
    """Yield the RRsets of a zone as AXFR has them: the SOA comes first and last."""
    yield contents.soa
    yield from contents.others()
    yield contents.soa


def steps(soa: RRset, differences: Iterable[Difference]) -> Iterator[RRset]:
    """Yield what has changed as IXFR has it: the SOA comes first and last, each step between its own two."""
    yield soa
    for step in differences:
        yield step.before
        yield from step.removed
        yield step.after
        yield from step.added
    yield soa


def messages(apex: Name, rrsets: Iterable[RRset]) -> Iterator[Chunk]:
    """Yield the records of `rrsets`, whose owners are all in the zone, in as many messages as they take.

    Names in data are not compressed: it would cost more than it spares. ValueError for a record that no message holds.
    """
    parts: list[bytes] = []
    octets, below = 0, -len(apex)
    for rrset in rrsets:
        head = b"".join((rrset.owner[:below], _APEX, rrset.rtype.to_bytes(2), _CLASS))
        ttl = rrset.ttl.to_bytes(4)
        for rdata in rrset.rdatas:
            if rrset.rtype == _RRSIG:
                ttl = rdata[_ORIGINAL_TTL]
            record = b"".join((head, ttl, len(rdata).to_bytes(2), rdata))
            if octets + len(record) > FULL and parts:
                yield Chunk(len(parts), b"".join(parts))
                parts, octets = [], 0
            if len(record) > LONGEST:
                raise ValueError(f"a record of {len(record)} octets does not fit into any message")
            parts.append(record)
            octets += len(record)
    if parts:
        yield Chunk(len(parts), b"".join(parts))
