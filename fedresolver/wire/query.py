"""A query as read from the wire: by hand, bounded, and without decoding what is not needed.

Nothing from a stranger reaches a DNS library. The gate is the twelve octets of the header (RFC 8906, RFC 9619), then
one question, then at most an OPT and a TSIG record. Every octet is read at most once, so the work is bounded by the
length of the message.
"""

import struct

import msgspec

from fedresolver.wire.const import CD, CLASS_IN, RD, TRANSFER_TYPES, Opcode, Rcode, Type
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import MAX_LABEL, MAX_NAME, ROOT, Name, starts

HEADER = 12
_QUESTION_TAIL = 4
_RECORD = struct.Struct("!2HIH")
_MAX_ADDITIONAL = 2
_MAX_OPTIONS = 64
"""The most EDNS options of a query: a TCP message has room for 16,000, and nobody sends more than a few."""
_MAX_WALKED = 6
"""How many questions and records of a message that is refused are looked at for an OPT."""
_LAST_START = MAX_NAME - 2
"""The last offset in the name of the question at which a label can begin."""
_TRANSFERS = frozenset(map(int, TRANSFER_TYPES))
_NOTIFY = Opcode.NOTIFY << 3
"""The octet of the flags that has the opcode, in a NOTIFY."""
_SOA_TIMES = 20
"""The octets at the end of an SOA's data, the serial first."""
_PLAIN = b"\0\1\0\0\0\0\0\0"
_WITH_OPT = b"\0\1\0\0\0\0\0\1"
_OPT_ALONE = b"\0\0\0\0\0\0\0\1"
_NOT_QUESTIONS = frozenset(map(int, (Type.OPT, Type.NXNAME, Type.TKEY, Type.TSIG)))


class Edns(msgspec.Struct, frozen=True, gc=False):
    """The OPT record of a query (RFC 6891 6.1): the sender's UDP size in octets, version, DO bit, raw options."""

    size: int
    version: int = 0
    do: bool = False
    options: bytes = b""

    def has(self, code: int) -> bool:
        """Say whether there is an option of this code."""
        return self.find(code) is not None

    def find(self, code: int) -> bytes | None:
        """Return the data of the first option of this code, None where there is none."""
        options, position = self.options, 0
        while position < len(options):
            end = position + 4 + (options[position + 2] << 8 | options[position + 3])
            if options[position] << 8 | options[position + 1] == code:
                return options[position + 4 : end]
            position = end
        return None


class Query(msgspec.Struct, frozen=True, gc=False):
    """One question, and what else of the message matters for the answer.

    `starts` are the offsets in `qname` at which its labels begin, the root's last; `question` is the question section
    as it was asked, letter case kept, to be echoed; `flags` are the sixteen bits of the header. `ordinary` is whether
    it asks for records of class IN, and not for a whole zone. `signature` is where its TSIG record begins, 0 without
    one; `serial` is that of the SOA which an IXFR brings, the version that the asker has (RFC 1995 3).
    """

    id: bytes
    flags: int
    question: bytes
    qname: Name
    starts: tuple[int, ...]
    qtype: int
    qclass: int
    edns: Edns | None = None
    ordinary: bool = True
    signature: int = 0
    serial: int | None = None

    @property
    def opcode(self) -> int:
        """Which kind of message it is."""
        return self.flags >> 11 & 0xF

    @property
    def do(self) -> bool:
        """Whether DNSSEC records are wanted (RFC 3225)."""
        return self.edns is not None and self.edns.do

    @property
    def cd(self) -> bool:
        """Whether data is wanted that does not validate (CD, RFC 4035 3.2.2)."""
        return bool(self.flags & CD)


class QueryError(FormatError):
    """A message that is answered with `rcode`, whatever it asks; `query` is there when all of it was understood.

    Its `question` is empty where it has none: somebody wants nothing but a cookie (RFC 7873 5.4).
    """

    def __init__(self, rcode: Rcode, why: str, query: Query | None = None) -> None:
        super().__init__(why)
        self.rcode = rcode
        self.query = query


def question(name: Name, qtype: int) -> Query:
    """Return the query that nobody sent, for `name` and a type: what we ask ourselves."""
    octets = name + qtype.to_bytes(2) + CLASS_IN.to_bytes(2)
    return Query(b"\0\0", RD, octets, name, starts(name), qtype, CLASS_IN)


def is_query(message: bytes) -> bool:
    """Say whether `message` is worth any answer: a whole header, and not itself a response (RFC 8906 3.1.4)."""
    return len(message) >= HEADER and message[2] < 0x80


def read(message: bytes, *, notified: bool = True) -> Query:
    """Return the query in `message`, for which `is_query` holds; QueryError says with which rcode it is refused.

    `notified` is whether anybody listens to NOTIFY. An opcode that nobody knows is seen before all else.
    """
    if message[2] & 0x78 and (message[2] & 0x78 != _NOTIFY or not notified):
        raise QueryError(Rcode.NOTIMP, "opcode is neither QUERY nor, for those who are secondaries, NOTIFY")
    counts = message[4:12]
    if counts != _PLAIN and counts != _WITH_OPT:
        _check_counts(message)
    try:
        return _read(message, counts)
    except (IndexError, struct.error) as error:
        raise QueryError(Rcode.FORMERR, "message ends too early") from error


def _check_counts(message: bytes) -> None:
    questions, answers, authorities, additionals = struct.unpack("!4H", message[4:12])
    if questions != 1:
        raise QueryError(Rcode.FORMERR, "QDCOUNT is not 1 (RFC 9619)", None if questions else _without(message))
    if answers > (message[2] & 0x78 == _NOTIFY) or authorities > 1 or additionals > _MAX_ADDITIONAL:
        raise QueryError(Rcode.FORMERR, "a query has no answer and no authority records")


def _without(message: bytes) -> Query | None:
    """Return the query in a message that has an OPT record and nothing else; None for any other."""
    if message[2] & 0x78 or message[4:12] != _OPT_ALONE:
        return None
    try:
        edns, _, _ = _records(message, HEADER)
    except (IndexError, struct.error, QueryError):
        return None
    return None if edns is None or edns.version else unread(message, edns)


def unread(message: bytes, edns: Edns | None) -> Query:
    """Return the query in a message of which only the header and `edns` are known: it asks nothing."""
    return Query(message[:2], message[2] << 8 | message[3], b"", ROOT, (0,), 0, 0, edns, ordinary=False)


def _read(message: bytes, counts: bytes) -> Query:
    starts = [0]
    start = 0
    while length := message[start + HEADER]:
        if length > MAX_LABEL or start > _LAST_START:
            raise QueryError(Rcode.FORMERR, "compression, an unknown label type or too long a name in the question")
        start += 1 + length
        starts.append(start)
    if start >= MAX_NAME:
        raise QueryError(Rcode.FORMERR, "name above 255 octets")
    position = start + HEADER + 1
    qtype = message[position] << 8 | message[position + 1]
    qclass = message[position + 2] << 8 | message[position + 3]
    edns, signature, serial = None, 0, None
    if len(message) != position + 4 or counts != _PLAIN:
        edns, signature, serial = _records(message, position + 4)
    query = Query(
        message[:2],
        message[2] << 8 | message[3],
        message[HEADER : position + 4],
        message[HEADER:position].lower(),  # type: ignore[arg-type]  # it is a Name: a call that says so costs as much
        tuple(starts),
        qtype,
        qclass,
        edns,
        qclass == CLASS_IN and qtype not in _TRANSFERS and not message[2] & 0x78,
        signature,
        serial,
    )
    if counts == _PLAIN and qtype not in _NOT_QUESTIONS:
        return query
    return _checked(query, message)


def _checked(query: Query, message: bytes) -> Query:
    if query.qtype in _NOT_QUESTIONS:
        raise QueryError(Rcode.FORMERR, "a type that nobody can ask for")
    if message[8:10] != b"\0\0" and query.qtype != Type.IXFR:
        raise QueryError(Rcode.FORMERR, "an authority record in a query that is not IXFR")
    if query.edns is not None and query.edns.version:
        raise QueryError(Rcode.BADVERS, "EDNS version above 0", query)
    return query


def _records(message: bytes, position: int) -> tuple[Edns | None, int, int | None]:
    """Return what the records after the question say: OPT, where TSIG is, the serial of an SOA; each at most once."""
    edns, signature, serial = None, 0, None
    before = message[7] + message[9]
    total = before + message[11]
    for number in range(total):
        start = position
        position = _skip_name(message, position)
        rtype, rclass, ttl, length = _RECORD.unpack_from(message, position)
        position += _RECORD.size + length
        if position > len(message):
            raise QueryError(Rcode.FORMERR, "RDLENGTH reaches beyond the message")
        if rtype == Type.OPT:
            if edns is not None or message[start] or number < before:
                raise QueryError(Rcode.FORMERR, "OPT twice, with an owner, or out of its section (RFC 6891 6.1.1)")
            edns = _edns(rclass, ttl, message[position - length : position])
        elif rtype == Type.TSIG:
            if number + 1 < total:
                raise QueryError(Rcode.FORMERR, "TSIG is not the last record (RFC 8945 5.1)")
            signature = start
        elif rtype == Type.SOA and number < before and length > _SOA_TIMES:
            serial = int.from_bytes(message[position - _SOA_TIMES : position - _SOA_TIMES + 4])
    if position != len(message):
        raise QueryError(Rcode.FORMERR, "octets after the last record")
    return edns, signature, serial


def _skip_name(message: bytes, position: int) -> int:
    """Return where the name at `position` ends; pointers are stepped over, never followed."""
    last = position + MAX_NAME
    while length := message[position]:
        if length >= 0xC0:
            return position + 2
        if length > MAX_LABEL or position > last:
            raise QueryError(Rcode.FORMERR, "an unknown label type, or a name above 255 octets")
        position += 1 + length
    return position + 1


def _edns(size: int, ttl: int, options: bytes) -> Edns:
    position = 0
    for _ in range(_MAX_OPTIONS):
        if position >= len(options):
            break
        position += 4 + (options[position + 2] << 8 | options[position + 3])
    if position != len(options):
        raise QueryError(Rcode.FORMERR, "an EDNS option reaches beyond the OPT record, or there are too many")
    return Edns(size, ttl >> 16 & 0xFF, bool(ttl & 0x8000), options)


def edns_of_refused(message: bytes) -> Edns | None:
    """Return the OPT record of a message that `read` refuses; None where there is none that can be read.

    Its sender is owed one in return, whatever else is wrong with the message (RFC 6891 6.1.1).
    """
    questions, *records = struct.unpack("!4H", message[4:12])
    total = sum(records)
    if not records[2] or questions + total > _MAX_WALKED:
        return None
    try:
        return _sought(message, questions, total - records[2], total)
    except (IndexError, struct.error, QueryError):
        return None


def _sought(message: bytes, questions: int, before: int, total: int) -> Edns | None:
    """Return the first OPT among `total` records after the questions, of which `before` cannot be one."""
    position = HEADER
    for _ in range(questions):
        position = _skip_name(message, position) + _QUESTION_TAIL
    for number in range(total):
        is_root = not message[position]
        position = _skip_name(message, position)
        rtype, rclass, ttl, length = _RECORD.unpack_from(message, position)
        position += _RECORD.size + length
        if rtype == Type.OPT and is_root and number >= before:
            options = message[position - length : position]
            return _edns(rclass, ttl, options) if len(options) == length else None
    return None
