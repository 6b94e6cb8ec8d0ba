"""A response from its parts: what depends on the question once, what depends on the asker each time.

A `Body` is everything after the question, rendered for one name; it serves whoever asks for that name, in whatever
letter case, with or without EDNS, over UDP or TCP. `respond` puts header, question as asked and OPT around it and, when
it is too large, leaves out what can be missed.
"""

import struct
from functools import lru_cache

import msgspec

from fedresolver.wire.codec import LARGEST, offsets, pack, pack_own
from fedresolver.wire.const import AA, AD, CD, CLASS_CH, CLASS_IN, OPCODE, QR, RD, TC, TURNING_TYPES, Rcode
from fedresolver.wire.name import ROOT, Name
from fedresolver.wire.padding import padded
from fedresolver.wire.query import HEADER, Edns, Query
from fedresolver.wire.rr import RRset

UDP_SIZE = 1232
"""The most octets of a UDP response of ours, and what we say we can take (DNS flag day 2020)."""
PLAIN_UDP_SIZE = 512
"""The most octets of a UDP response to a query without EDNS (RFC 1035 4.2.1)."""
TCP_SIZE = LARGEST

_COPIED = OPCODE | RD | CD
"""What a response takes of its query's flags: the opcode, RD, and CD (RFC 4035 3.2.2)."""
_EDE = b"\0\x0f"
_OPT = b"\0\0\x29"
_OPT_PLAIN = _OPT + UDP_SIZE.to_bytes(2)
_OPT_BARE, _OPT_DO = _OPT_PLAIN + b"\0\0\0\0\0\0", _OPT_PLAIN + b"\0\0\x80\0\0\0"
_EXTENDED = 16
"""The first response code that needs octets of the OPT record."""
_POINTER = 0xC0
_COUNTS = struct.Struct("!4H")
_TYPE_AND_CLASS = 4
_MOST_TURNS = 8
_MOST_KEPT = 32
"""Records of an answer that is kept in wire form; many of larger ones would take too much."""

Sections = tuple[tuple[RRset, ...], tuple[RRset, ...], tuple[RRset, ...]]
"""The RRsets of the answer, authority and additional section."""


class Ours(msgspec.Struct, frozen=True, gc=False):
    """What our OPT record says, whatever the answer is: options, and how many octets we take over UDP."""

    options: bytes = b""
    size: int = UDP_SIZE


PLAIN = Ours()
"""An OPT record without options."""


class Body(msgspec.Struct, frozen=True, gc=False):
    """The records of a response by section, in wire form, with the rcode and the flags that go with them.

    `joined` is all of them; `counts` are the four counts of the header, `counts_opt` with an OPT record. `ede` is the
    extended error as an EDNS option. Of the answer, the records from `turning` on may be rotated.
    """

    rcode: int
    flags: int
    answer: tuple[bytes, ...]
    authority: tuple[bytes, ...]
    additional: tuple[bytes, ...]
    joined: bytes
    counts: bytes
    counts_opt: bytes
    ede: bytes = b""
    turning: int = 0


def body(
    query: Query, rcode: int, sections: Sections, *, flags: int = 0, ede: bytes = b"", turns: bool = False
) -> Body:
    """Return the body of a response to `query`, with AA, RA and AD from `flags`; `turns` allows rotations.

    AD reaches those only who ask for it.
    """
    answer, authority, additional = sections
    flags |= QR | rcode & 0xF
    rcode = int(rcode)  # the hash of an Enum member costs more than all else that is looked up here
    if not answer and not additional and len(authority) == 1 and _names(query, authority[0]):
        return _negative(rcode, flags, authority[0], len(query.qname), ede)
    if not answer and not authority and not additional:
        return _bare(rcode, flags, ede)
    if not authority and not additional:
        records = _packed(query, answer)
        return _body(rcode, flags, (records, (), ()), ede=ede, turning=_turning(answer, records) if turns else 0)
    records = _packed(query, (*answer, *authority, *additional))
    first = sum(len(rrset.rdatas) for rrset in answer)
    second = first + sum(len(rrset.rdatas) for rrset in authority)
    return _body(
        rcode,
        flags,
        (records[:first], records[first:second], records[second:]),
        ede=ede,
        turning=_turning(answer, records) if turns else 0,
    )


def _packed(query: Query, rrsets: tuple[RRset, ...]) -> tuple[bytes, ...]:
    qname = query.qname
    of_question = rrsets[0].owner == qname != ROOT and all(rrset.owner == qname for rrset in rrsets[1:])
    rclass = CLASS_CH if query.qclass == CLASS_CH else CLASS_IN
    if of_question and (own := pack_own(rrsets, rclass)) is not None:
        return own
    if sum(len(rrset.rdatas) for rrset in rrsets) > _MOST_KEPT:
        return _compressed(query.qname, rrsets)
    return _kept(query.qname, rrsets)


@lru_cache(maxsize=4096)
def _kept(qname: Name, rrsets: tuple[RRset, ...]) -> tuple[bytes, ...]:
    """Return what `_compressed` does; most changes of endpoints lead to an answer that was there before."""
    return _compressed(qname, rrsets)


def _compressed(qname: Name, rrsets: tuple[RRset, ...]) -> tuple[bytes, ...]:
    return pack(rrsets, offsets(qname, HEADER), HEADER + len(qname) + _TYPE_AND_CLASS)


@lru_cache(maxsize=4096)
def _negative(rcode: int, flags: int, soa: RRset, size: int, ede: bytes) -> Body:
    """Return the body with `soa` alone, after a question whose name of `size` octets ends with the zone's.

    So a flood of absent names costs no encoding: where the zone stands in the name is all that matters of it.
    """
    at = HEADER + size
    records = pack((soa,), offsets(soa.owner, at - len(soa.owner)), at + _TYPE_AND_CLASS)
    return _body(rcode, flags, ((), records, ()), ede=ede)


@lru_cache(maxsize=1024)
def _bare(rcode: int, flags: int, ede: bytes) -> Body:
    return _body(rcode, flags, ((), (), ()), ede=ede)


def empty(rcode: Rcode) -> Body:
    """Return a body without any record."""
    return _bare(int(rcode), QR | rcode & 0xF, b"")


Records = tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...]]


def _body(rcode: int, flags: int, records: Records, *, ede: bytes = b"", turning: int = 0) -> Body:
    answer, authority, additional = records
    joined = b"".join((*answer, *authority, *additional) if authority or additional else answer)
    extra = len(additional)
    plain = _COUNTS.pack(1, len(answer), len(authority), extra)
    with_opt = _COUNTS.pack(1, len(answer), len(authority), extra + 1)
    return Body(rcode, flags, answer, authority, additional, joined, plain, with_opt, ede, turning)


def _names(query: Query, rrset: RRset) -> bool:
    """Say whether the owner of `rrset` stands in the question, so that a pointer can name it."""
    return query.qname.endswith(rrset.owner) and len(query.qname) - len(rrset.owner) in query.starts


def _turning(answer: tuple[RRset, ...], records: tuple[bytes, ...]) -> int:
    """Return from which record of the answer on its addresses or MX records may change places; 0 when they may not.

    Each of them must begin with a pointer: then its octets are the same at any place.
    """
    if not answer or answer[-1].rtype not in TURNING_TYPES or len(answer[-1].rdatas) < 2:
        return 0
    last = sum(len(rrset.rdatas) for rrset in answer)
    first = last - len(answer[-1].rdatas)
    if len(records) < last:  # no message holds them all
        return 0
    movable = all(record[0] >= _POINTER for record in records[first:last])
    return first - last if movable else 0


def turns(given: Body) -> tuple[Body, ...]:
    """Return `given` with its addresses, or MX records, in each rotation, at most eight of them."""
    if not given.turning:
        return (given,)
    fixed, moving = given.answer[: given.turning], given.answer[given.turning :]
    return tuple(
        _body(
            given.rcode,
            given.flags,
            (fixed + moving[start:] + moving[:start], given.authority, given.additional),
            ede=given.ede,
        )
        for start in range(min(len(moving), _MOST_TURNS))
    )


def udp_limit(edns: Edns | None, most: int = UDP_SIZE) -> int:
    """Return how many octets a UDP response may have (RFC 6891 6.2.3: a size below 512 means 512)."""
    return PLAIN_UDP_SIZE if edns is None else min(max(edns.size, PLAIN_UDP_SIZE), most)


def whole(query: Query, given: Body, ours: Ours = PLAIN) -> bytes:
    """Return the response with all of `given` to `query`, however large that is; `ours` goes into its OPT."""
    flags = _flags(query, given.flags)
    if query.edns is None:
        return b"".join((query.id, flags, given.counts, query.question, given.joined))
    opt = _opt(query.edns, given.rcode, ours, given.ede)
    return b"".join((query.id, flags, given.counts_opt, query.question, given.joined, opt))


def respond(query: Query, given: Body, limit: int, ours: Ours = PLAIN, *, pad: bool = False) -> bytes:
    """Return the response with `given` to `query`, of at most `limit` octets; `ours` goes into its OPT.

    `pad` is whether its size is to say little of what it has.

    What is too large loses the extended error, then its additional records, a referral with TC set; then, with TC set,
    its authority and as many records of the answer as must go.
    """
    response = whole(query, given, ours)
    if pad and query.edns is not None:
        opt = _opt(query.edns, given.rcode, ours, given.ede)
        response = response[: -len(opt)] + padded(opt, len(response), limit)
    return response if len(response) <= limit else _shortened(query, given, limit, ours)


def _flags(query: Query, flags: int) -> bytes:
    if flags & AD and not (query.flags & AD or query.do):
        flags ^= AD  # it means something only to those who know it (RFC 6840 5.8)
    return (flags | query.flags & _COPIED).to_bytes(2)


def _opt(edns: Edns, rcode: int, ours: Ours, ede: bytes = b"") -> bytes:
    """Return our OPT record (RFC 6891 6.1.3); DO is given back as it was (RFC 3225 3)."""
    if ours is PLAIN and rcode < _EXTENDED and not ede:
        return _OPT_DO if edns.do else _OPT_BARE
    do = b"\x80\0" if edns.do else b"\0\0"
    length = (len(ours.options) + len(ede)).to_bytes(2)
    return b"".join((_OPT, ours.size.to_bytes(2), bytes((rcode >> 4, 0)), do, length, ours.options, ede))


def _shortened(query: Query, given: Body, limit: int, ours: Ours) -> bytes:
    opt = b"" if query.edns is None else _opt(query.edns, given.rcode, ours)
    room = limit - HEADER - len(query.question) - len(opt)
    for additional in (given.additional, ()):
        sections = (given.answer, given.authority, additional)
        if sum(len(record) for section in sections for record in section) <= room:
            lacks_glue = given.additional and not additional and _is_referral(given)
            return _assembled(query, given.flags | (TC if lacks_glue else 0), sections, opt)
    kept: list[bytes] = []
    for record in given.answer:
        room -= len(record)
        if room < 0:
            break
        kept.append(record)
    return _assembled(query, given.flags | TC, (tuple(kept), (), ()), opt)


def _is_referral(given: Body) -> bool:
    """Say whether a response leads to other name servers, so that it is of no use without addresses (RFC 9471 3)."""
    return not given.answer and not given.flags & AA and given.rcode == Rcode.NOERROR


def _assembled(query: Query, flags: int, records: Records, opt: bytes) -> bytes:
    made = _body(0, flags, records)
    counts = made.counts_opt if opt else made.counts
    return b"".join((query.id, _flags(query, flags), counts, query.question, made.joined, opt))


def part(query: Query, count: int, records: bytes, ours: Ours = PLAIN) -> bytes:
    """Return one message of an authoritative answer that takes many: its `count` records, from behind the question on.

    Each has the question of the query, so that owners can point to its name (RFC 5936 2.2.1).
    """
    flags = _flags(query, QR | AA)
    if query.edns is None:
        return b"".join((query.id, flags, _COUNTS.pack(1, count, 0, 0), query.question, records))
    opt = _opt(query.edns, 0, ours)
    return b"".join((query.id, flags, _COUNTS.pack(1, count, 0, 1), query.question, records, opt))


def truncated(query: Query, ours: Ours = PLAIN) -> bytes:
    """Return the response without a record that says: ask again over TCP (TC)."""
    return _assembled(query, QR | TC, ((), (), ()), b"" if query.edns is None else _opt(query.edns, 0, ours))


def refusal(message: bytes, rcode: int, edns: Edns | None = None, ours: Ours = PLAIN) -> bytes:
    """Return the response to a message without a question that can be read: its header, and OPT where it had one."""
    flags = bytes((0x80 | message[2] & 0x79, rcode & 0xF))
    if edns is None:
        return message[:2] + flags + bytes(8)
    return b"".join((message[:2], flags, bytes(7), b"\1", _opt(edns, rcode, ours)))


@lru_cache(maxsize=1024)
def ede_option(code: int, text: str) -> bytes:
    """Return an extended error as an EDNS option (RFC 8914 2)."""
    data = code.to_bytes(2) + text.encode()
    return _EDE + len(data).to_bytes(2) + data
