"""A section of a stranger's message as RRsets by owner and type: what is wanted of it is read, the rest stepped over.

Nothing here checks whether the last record ends with the message: that is asked once, behind the last section.
"""

import struct
from collections.abc import Container

from fedresolver.wire.compression import Names
from fedresolver.wire.const import CLASS_IN, Type, type_text
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name
from fedresolver.wire.rdata import Reader, reader
from fedresolver.wire.rr import RRset

MAX_TTL = 86400
"""No TTL of an upstream is above one day, in seconds."""
MAX_SENT_TTL = 0x7FFFFFFF
_TYPE_AND_CLASS = struct.Struct("!2H")
_TTL_AND_LENGTH = struct.Struct("!IH")
_FIXED = struct.Struct("!2HIH")


class Found:
    """The records of one owner and type, as they come; the TTL is the least of theirs (RFC 2181 5.2)."""

    __slots__ = ("owner", "rdatas", "read", "rtype", "ttl")

    def __init__(self, owner: Name, rtype: int) -> None:
        self.owner = owner
        self.rtype = rtype
        self.ttl = MAX_TTL
        self.rdatas: list[bytes] = []
        self.read: Reader = reader(rtype)

    def rrset(self) -> RRset:
        """Return them, each once."""
        rdatas = self.rdatas
        once = tuple(rdatas) if len(rdatas) == 1 else tuple(dict.fromkeys(rdatas))
        return RRset(self.owner, self.rtype, self.ttl, once)


Section = dict[tuple[Name, int], Found]


def gather(names: Names, position: int, count: int, types: Container[int]) -> tuple[Section, int]:
    """Return the records of these types among the `count` from `position` on, and where they end.

    FormatError for one that cannot be read, and for one of these types that is not of class IN.
    """
    message = names.message
    section: Section = {}
    found = None
    head = message  # so that none begins with it
    for _ in range(count):
        if not message.startswith(head, position):
            head, found = _begin(names, position, types, section)
        position += len(head)
        ttl, length = _TTL_AND_LENGTH.unpack_from(message, position)
        start = position + 6
        position = start + length
        if found is not None:
            if ttl < found.ttl:
                found.ttl = ttl
            elif ttl > MAX_SENT_TTL:
                found.ttl = 0  # RFC 2181 8
            found.rdatas.append(found.read(names, start, position))
    return section, position


def _begin(names: Names, start: int, types: Container[int], section: Section) -> tuple[bytes, Found | None]:
    """Return the octets before the TTL of the record at `start`, and to which records it belongs.

    The next record belongs there too if it begins with the same octets.
    """
    position = names.skip(start)
    rtype, rclass = _TYPE_AND_CLASS.unpack_from(names.message, position)
    head = names.message[start : position + 4]
    if rtype == Type.OPT:
        raise FormatError("OPT out of the additional section (RFC 6891 6.1.1)")
    if rtype not in types:
        return head, None
    if rclass != CLASS_IN:
        raise FormatError(f"a record of type {type_text(rtype)} that is not of class IN")
    key = Name(names.read(start)[0].lower()), rtype
    found = section.get(key)
    if found is None:
        found = section[key] = Found(*key)
    return head, found


def find_opt(names: Names, position: int, count: int) -> tuple[int | None, int]:
    """Return the TTL field of the OPT among the `count` records from `position` on, and where they end.

    None where there is no OPT. FormatError for two of them, and for one with an owner (RFC 6891 6.1.1 and 6.1.2).
    """
    message, opt = names.message, None
    for _ in range(count):
        owner, position = position, names.skip(position)
        rtype, _, ttl, length = _FIXED.unpack_from(message, position)
        position += 10 + length
        if rtype == Type.OPT:
            if opt is not None or message[owner]:
                raise FormatError("OPT twice, or with an owner (RFC 6891 6.1.1)")
            opt = ttl
    return opt, position
