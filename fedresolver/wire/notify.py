"""NOTIFY (RFC 1996): the message that says a zone has changed, and what its receiver answers."""

from fedresolver.wire.const import AA, CLASS_IN, QR, Opcode, Type
from fedresolver.wire.query import HEADER
from fedresolver.wire.rr import RRset

_FLAGS = Opcode.NOTIFY << 11
_COUNTS = b"\0\1\0\1\0\0\0\0"
_TYPE_AND_CLASS = Type.SOA.to_bytes(2) + CLASS_IN.to_bytes(2)
_ZONE = b"\xc0\x0c"
"""A pointer to the zone's name in the question."""


def notify(identity: bytes, soa: RRset) -> bytes:
    """Return the message that tells of a zone's new version by its SOA (RFC 1996 3.7), with an ID of two octets."""
    (data,) = soa.rdatas
    fixed = _TYPE_AND_CLASS + soa.ttl.to_bytes(4) + len(data).to_bytes(2)
    head = identity + (_FLAGS | AA).to_bytes(2) + _COUNTS
    return b"".join((head, soa.owner, _TYPE_AND_CLASS, _ZONE, fixed, data))


def acknowledged(reply: bytes, identity: bytes) -> int | None:
    """Return the rcode of a reply to the NOTIFY with this ID; None where it is none (RFC 1996 4.7)."""
    if len(reply) < HEADER or reply[:2] != identity:
        return None
    flags = reply[2] << 8 | reply[3]
    return flags & 0xF if flags & QR and flags >> 11 & 0xF == Opcode.NOTIFY else None
