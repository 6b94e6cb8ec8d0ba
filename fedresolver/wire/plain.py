"""The usual answer, read at a glance: addresses of the very name that was asked, and nothing else but an OPT.

Most of what upstreams say is this. Whatever differs in the least is left to the careful reader, which knows all rules.
"""

import struct

from fedresolver.wire.const import AA, AD, CD, QR, RA, RD, Type
from fedresolver.wire.query import HEADER, Query
from fedresolver.wire.rr import RRset
from fedresolver.wire.section import MAX_SENT_TTL, MAX_TTL

_COUNTS = struct.Struct("!2x5H")
_OPEN = AA | RD | RA | AD | CD
"""The flags that a response without an error may have beside QR."""
_MOST = 32
_RECORDS: dict[int, tuple[struct.Struct, int]] = {
    Type.A: (struct.Struct("!6sIH4s"), 4),
    Type.AAAA: (struct.Struct("!6sIH16s"), 16),
}
_OWNER = b"\xc0\x0c"
_CLASS = b"\0\1"
_OPT = b"\0\0\x29"
_OPT_SIZE = 11
_UPPER_RCODE = 5


def read_plain(message: bytes, query: Query) -> tuple[RRset, bool, bool] | None:
    """Return the addresses, whether AD is set, and whether there is an OPT; None where the answer is not a usual one.

    `message` has the question of `query`, in whatever letter case.
    """
    record = _RECORDS.get(query.qtype)
    if record is None or query.do:
        return None
    flags, questions, answers, authorities, additionals = _COUNTS.unpack_from(message)
    if flags & ~_OPEN != QR or questions != 1 or not 0 < answers <= _MOST or authorities or additionals > 1:
        return None
    layout, size = record
    start = HEADER + len(query.question)
    end = start + answers * layout.size
    if not (_is_opt(message, end) if additionals else end == len(message)):
        return None
    head = _OWNER + query.question[-4:-2] + _CLASS
    least, rdatas = MAX_TTL, []
    for found, ttl, length, rdata in layout.iter_unpack(message[start:end]):
        if found != head or length != size or ttl > MAX_SENT_TTL:
            return None
        least = min(least, ttl)
        rdatas.append(rdata)
    once = tuple(rdatas) if answers == 1 else tuple(dict.fromkeys(rdatas))
    return RRset(query.qname, query.qtype, least, once), bool(flags & AD), bool(additionals)


def _is_opt(message: bytes, start: int) -> bool:
    """Say whether the rest of a message is an OPT record without an extended rcode."""
    if len(message) < start + _OPT_SIZE or not message.startswith(_OPT, start) or message[start + _UPPER_RCODE]:
        return False
    return start + _OPT_SIZE + (message[start + 9] << 8 | message[start + 10]) == len(message)
