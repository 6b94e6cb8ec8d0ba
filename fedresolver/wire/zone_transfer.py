"""The messages of a zone transfer as the client sees them: what is asked, and each answer record by record.

A transfer comes as a stream of messages, each of up to 65,535 octets with thousands of records. They are strangers'
octets: a message is read a few records at a time, so that whoever reads can let others run in between, at a price in
all that grows with its length and no faster.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from fedresolver.wire.compression import Names
from fedresolver.wire.const import AA, CLASS_IN, OPCODE, QR, TC, Opcode, Type, class_text, type_text
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name
from fedresolver.wire.query import HEADER
from fedresolver.wire.rdata import Reader, as_written
from fedresolver.wire.received import is_same_question
from fedresolver.wire.rr import RRset
from fedresolver.wire.section import MAX_SENT_TTL

AT_ONCE = 64
"""How many records are read before others have their turn: 0.2 ms of work, 1 ms where names are as long as can be."""
_STEPS_PER_OCTET = 8
_LEAST_STEPS = 1000
_HEADER = struct.Struct("!2x5H")
_FIXED = struct.Struct("!2HIH")
_TYPE_AND_CLASS = 4
_POINTER_TO_QUESTION = b"\xc0\x0c"
_NOT_IN_ZONES = frozenset((0, int(Type.OPT), *range(128, 256)))
"""The types that no zone holds (RFC 6895 3.1): OPT, and those that are for questions and signatures only."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record of class IN: TTL in seconds, its data with names whole and in the letters they have."""

    owner: Name
    rtype: int
    ttl: int
    rdata: bytes


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The head of a message that answers a question: its rcode, whether it has AA, the counts of its records."""

    rcode: int
    authoritative: bool
    has_question: bool
    answers: int
    others: int


def ask_zone(identity: bytes, zone: Name, qtype: int, had: RRset | None = None) -> bytes:
    """Return the message that asks the primary of `zone` for its SOA, or for an AXFR or IXFR, under an ID.

    An IXFR says with the SOA `had` which version there is already (RFC 1995 3).
    """
    head = identity + b"\0\0" + struct.pack("!4H", 1, 0, 0 if had is None else 1, 0)
    question = question_of(zone, qtype)
    if had is None:
        return head + question
    soa = _FIXED.pack(Type.SOA, CLASS_IN, had.ttl, len(had.rdatas[0])) + had.rdatas[0]
    return head + question + _POINTER_TO_QUESTION + soa


def question_of(zone: Name, qtype: int) -> bytes:
    """Return the question section for a zone and a type."""
    return zone + qtype.to_bytes(2) + CLASS_IN.to_bytes(2)


def read_head(message: bytes, identity: bytes, question: bytes) -> Answer:
    """Return what the head of a message says that answers `question`; FormatError when it answers something else.

    All messages of a transfer but the first may come without a question (RFC 5936 2.2.1).
    """
    if len(message) < HEADER or message[:2] != identity:
        raise FormatError("a message with another ID than was asked under")
    flags, questions, answers, authorities, additionals = _HEADER.unpack_from(message)
    if not flags & QR or flags & OPCODE != Opcode.QUERY << 11:
        raise FormatError("a message that is no answer to a query")
    if flags & TC:
        raise FormatError("a truncated message")
    if questions > 1 or (questions and not is_same_question(message[HEADER : HEADER + len(question)], question)):
        raise FormatError("an answer to another question")
    return Answer(flags & 0xF, bool(flags & AA), bool(questions), answers, authorities + additionals)


class Reading:
    """The records of one message, read some at a time; `signature` is where its TSIG record begins, 0 without one."""

    def __init__(self, message: bytes, answer: Answer, question: bytes) -> None:
        qname = Name(question[:-_TYPE_AND_CLASS]) if answer.has_question else None
        steps = _LEAST_STEPS + _STEPS_PER_OCTET * len(message)
        self.records: list[Record] = []
        self.signature = 0
        self._names = Names(message, qname, answer.answers + answer.others, steps)
        self._position = HEADER + (len(question) if answer.has_question else 0)
        self._answer = answer

    def parts(self) -> Iterator[None]:
        """Read all records of the answer section, step over the rest, and yield where others may have their turn.

        FormatError where they cannot be read.
        """
        left = self._answer.answers
        try:
            while left:
                count = min(left, AT_ONCE)
                self._read(count)
                left -= count
                yield
            self._step_over(self._answer.others)
        except (IndexError, struct.error) as error:
            raise FormatError("a message that ends too early") from error

    def _read(self, count: int) -> None:
        names, position, records = self._names, self._position, self.records
        message = names.message
        for _ in range(count):
            owner, position = names.read(position)
            rtype, rclass, ttl, length = _FIXED.unpack_from(message, position)
            read = _reader(rtype, rclass)
            start = position + 10
            position = start + length
            rdata = read(names, start, position)
            records.append(Record(Name(owner.lower()), rtype, ttl if ttl <= MAX_SENT_TTL else 0, rdata))
        if position > len(message):
            raise FormatError("a record that reaches beyond its message")
        self._position = position

    def _step_over(self, count: int) -> None:
        """Step over what follows the answer section, which must end with the message."""
        names, position, rtype, start = self._names, self._position, 0, 0
        for _ in range(count):
            start, position = position, names.skip(position)
            rtype, _, _, length = _FIXED.unpack_from(names.message, position)
            position += 10 + length
        if position != len(names.message):
            raise FormatError("octets after the last record, or a record that reaches beyond its message")
        self.signature = start if rtype == Type.TSIG else 0


@lru_cache(maxsize=256)
def _reader(rtype: int, rclass: int) -> Reader:
    """Return what reads a type, if zones have it."""
    if rclass != CLASS_IN:
        raise FormatError(f"a record of class {class_text(rclass)} in a zone of class IN")
    if rtype in _NOT_IN_ZONES:
        raise FormatError(f"a record of type {type_text(rtype)}, which no zone has")
    return as_written(rtype)
