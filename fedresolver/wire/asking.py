"""What we send to an upstream for a query: one question, with as little as possible that a liar could know."""

from fedresolver.wire.const import AD, CD, RD
from fedresolver.wire.query import Query
from fedresolver.wire.response import UDP_SIZE

_TYPE_AND_CLASS = 4
_WITHOUT_OPT = b"\0\1\0\0\0\0\0\0"
_WITH_OPT = b"\0\1\0\0\0\0\0\1"
_OPT, _OPT_DO = (b"\0\0\x29" + UDP_SIZE.to_bytes(2) + b"\0\0" + flags + b"\0\0" for flags in (b"\0\0", b"\x80\0"))
_VARIANTS = (b"\0", b"\1", b"\2", b"\3")
_CASE = 0x20
_CASES = bytes(_CASE if bytes((octet,)).isalpha() else 0 for octet in range(256))


def question_of(query: Query) -> bytes:
    """Return the question section of `query` with its name in small letters."""
    return query.qname + query.question[-_TYPE_AND_CLASS:]


def key_of(query: Query) -> bytes:
    """Return what an upstream's answer to `query` depends on: name, type, class, DO and CD."""
    return question_of(query) + _VARIANTS[query.do | query.cd << 1]


def ask(
    identity: bytes, query: Query, *, question: bytes | None = None, edns: bool = True, recursion: bool = True
) -> bytes:
    """Return the message that asks an upstream for what `query` wants to know, with an ID of two octets.

    DO and CD are as in `query`. AD is set, to be told whether the data was validated (RFC 6840 5.7), for the answer may
    be for many clients. The `question` is
    sent as it is given, else in small letters. Without `edns` there is no OPT record, and DO cannot be said;
    without `recursion` RD is not set.
    """
    flags = (RD if recursion else 0) | AD | query.flags & CD
    head = identity + flags.to_bytes(2)
    asked = question_of(query) if question is None else question
    if not edns:
        return head + _WITHOUT_OPT + asked
    return b"".join((head, _WITH_OPT, asked, _OPT_DO if query.do else _OPT))


def mixed_case(name: bytes, bits: int) -> bytes:
    """Return `name`, octets in wire form, with a letter in capitals where its bit of `bits` is set (0x20).

    `bits` is a random number of eight bits for each octet of `name`. No length octet is a letter, so none is touched.
    """
    cases = int.from_bytes(name.translate(_CASES))
    return (int.from_bytes(name.lower()) ^ cases & bits).to_bytes(len(name))
