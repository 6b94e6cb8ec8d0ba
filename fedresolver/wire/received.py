"""A response from an upstream: whether it answers what was asked, and what of it is believed.

An upstream is a stranger. Its message is read by hand at a bounded price, and what is kept is only what belongs to the
question: the chain of CNAMEs and DNAMEs from its name on, and at the end of it the RRset asked for or the SOA that says
that there is none; with DO also the signatures of these, and the proofs of what does not exist. What cannot be read is
an error, never "there is no such data".
"""

import struct
from collections.abc import Container
from functools import lru_cache

import msgspec

from fedresolver.wire.aliases import Path, follow, single
from fedresolver.wire.compression import Names
from fedresolver.wire.const import AA, AD, TC, Rcode, Type
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name
from fedresolver.wire.plain import read_plain
from fedresolver.wire.query import HEADER, Query
from fedresolver.wire.rr import RRset
from fedresolver.wire.section import Section, find_opt, gather

_HEADER = struct.Struct("!2x5H")
_TYPE_AND_CLASS = 4
_ONE = b"\0\1"
_NOTHING_MORE = bytes(8)
_UNREAD = frozenset((int(Rcode.FORMERR), int(Rcode.NOTIMP)))
_BELIEVED = frozenset((int(Rcode.NOERROR), int(Rcode.NXDOMAIN)))
_LINKS = frozenset((int(Type.CNAME), int(Type.DNAME)))
_PROOFS = frozenset((int(Type.NSEC), int(Type.NSEC3)))
_SIGNATURES = frozenset((int(Type.RRSIG),))
_SOA = int(Type.SOA)
_NEGATIVE = frozenset((_SOA, int(Type.NS)))
_NOTHING: frozenset[int] = frozenset()
_EVERYTHING = range(0x10000)
_OF_PROOF = 15
_SIGNER = 18
_MAX_NAME = 255


class Received(msgspec.Struct, frozen=True, gc=False):
    """What an upstream said: `rcode` with its upper bits from OPT; TTLs in seconds, none above a day.

    `answer` is the chain of DNAMEs and CNAMEs in order, then the RRset asked for; `authority` the SOA of a negative
    answer, then NSEC and NSEC3. With DO each RRset is followed by its RRSIGs. `authentic` is AD (RFC 4035 3.2.3).
    """

    rcode: int
    answer: tuple[RRset, ...] = ()
    authority: tuple[RRset, ...] = ()
    authentic: bool = False
    has_opt: bool = False


class ResponseError(FormatError):
    """A response that cannot be read or believed; the message says what is wrong with it."""


def is_answer_to(message: bytes, identity: bytes, question: bytes, *, exact: bool) -> bool:
    """Say whether `message` is a response with this ID and question section, whatever else is in it.

    The name in the question must come back octet for octet when `exact`, else in any letter case. A response that
    says no more than that the message could not be read has no question.
    """
    if len(message) < HEADER or message[:2] != identity or message[2] & 0xF8 != 0x80:
        return False
    if message[4:6] != _ONE:
        return _is_unread(message)
    if message.startswith(question, HEADER):
        return True
    return not exact and is_same_question(message[HEADER : HEADER + len(question)], question)


def _is_unread(message: bytes) -> bool:
    """Say whether a response is a header alone: so some answer who know no EDNS (RFC 6891 7)."""
    return message[4:] == _NOTHING_MORE and message[3] & 0xF in _UNREAD


def is_same_question(question: bytes, other: bytes) -> bool:
    """Say whether two question sections ask the same, in whatever letter case; both have the name, type and class.

    Type and class have no case: HTTPS would be TYPE97 in small letters.
    """
    border = -_TYPE_AND_CLASS
    return question[border:] == other[border:] and question[:border].lower() == other[:border].lower()


def is_truncated(message: bytes) -> bool:
    """Say whether a response has TC set: then it must be asked for again over TCP (RFC 7766 5)."""
    return len(message) > 2 and bool(message[2] << 8 & TC)


def read_response(message: bytes, query: Query) -> Received:
    """Return what is believed of `message`, the response to `query` of class IN, at a cost of at most about 1 ms.

    An rcode other than NOERROR and NXDOMAIN comes without records. ResponseError where the message cannot be read, or
    contradicts itself, or says nothing about what was asked.
    """
    try:
        plain = read_plain(message, query)
        if plain is not None:
            addresses, authentic, has_opt = plain
            return Received(0, (addresses,), (), authentic, has_opt)
        return _read(message, query)
    except (IndexError, struct.error) as error:
        raise ResponseError("the message ends too early") from error
    except FormatError as error:
        raise ResponseError(str(error)) from error


def _read(message: bytes, query: Query) -> Received:
    flags, questions, answers, authorities, additionals = _HEADER.unpack_from(message)
    if _is_unread(message):
        return Received(flags & 0xF)
    if questions != 1 or flags & TC:
        raise FormatError("a truncated response, or one without exactly one question")
    start, do = HEADER + len(query.question), query.do
    names = Names(_with_question(message, query, start), query.qname, answers + authorities + additionals)
    types = _answering(query.qtype, do) if flags & 0xF in _BELIEVED else _NOTHING
    section, middle = gather(names, start, answers, types)
    path = follow(names, section, query.qname, query.qtype)
    others, end = gather(names, middle, authorities, _accompanying(path.ended, do))
    opt, end = find_opt(names, end, additionals)
    if end != len(message):
        raise FormatError("octets after the last record, or a record that reaches beyond the message")
    rcode = flags & 0xF if opt is None else flags & 0xF | opt >> 24 << 4
    if rcode not in _BELIEVED:
        return Received(rcode, has_opt=opt is not None)
    answer, authority = path.rrsets, _denial(names, others, path)
    if path.ended:
        _check_positive(rcode)
    elif not (rcode or answer or authority):
        _check_empty(answers, bool(flags & AA), others)
    if do:
        authority = _signed((*authority, *_proofs(names, others, path, authority)), others)
        answer = _signed(answer, section)
    return Received(rcode, answer, authority, bool(flags & AD), opt is not None)


def _with_question(message: bytes, query: Query, end: int) -> bytes:
    """Return `message` with its question in small letters, so that no name which points there has the case of 0x20."""
    tail = query.question[-_TYPE_AND_CLASS:]
    if message.startswith(query.qname + tail, HEADER):
        return message
    if not is_same_question(message[HEADER:end], query.question):
        raise FormatError("another question than was asked")
    return message[:HEADER] + query.qname + message[end - _TYPE_AND_CLASS :]


@lru_cache(maxsize=1024)
def _answering(qtype: int, do: bool) -> Container[int]:
    """Return which types are looked at in the answer section."""
    if qtype == Type.ANY:
        return _EVERYTHING
    return _LINKS | {qtype} | (_SIGNATURES if do else _NOTHING)


@lru_cache(maxsize=4)
def _accompanying(positive: bool, do: bool) -> frozenset[int]:
    """Return which types are looked at in the authority section: with DO also the proofs of a wildcard's answer."""
    return (_NOTHING if positive else _NEGATIVE) | (_PROOFS | _SIGNATURES if do else _NOTHING)


def _denial(names: Names, others: Section, path: Path) -> tuple[RRset, ...]:
    """Return the SOA of the nearest zone that the last name of the path is in, where that has not what was asked."""
    if not others or path.ended:
        return ()
    for parent in names.parents(path.names[-1]):
        found = others.get((parent, _SOA))
        if found is not None:
            return (single(found),)
    return ()


def _check_positive(rcode: int) -> None:
    if rcode == Rcode.NXDOMAIN:
        raise FormatError("NXDOMAIN, and yet the records that were asked for")


def _check_empty(answers: int, authoritative: bool, others: Section) -> None:
    """Refuse an answer without any record for us unless it can be a NODATA of a server that sends no SOA."""
    if answers:
        raise FormatError("an answer with records, of which none belongs to the question")
    if not authoritative and any(rtype == Type.NS for _, rtype in others):
        raise FormatError("a referral: the upstream does not resolve this name itself")


def _signed(rrsets: tuple[RRset, ...], section: Section) -> tuple[RRset, ...]:
    """Return `rrsets`, each followed by its signatures, whose TTL is its own (RFC 4034 3)."""
    found: list[RRset] = []
    for rrset in rrsets:
        found.append(rrset)
        if rrset.rtype != Type.RRSIG and (signatures := _signatures(section, rrset.owner, rrset.rtype)):
            found.append(RRset(rrset.owner, Type.RRSIG, rrset.ttl, signatures))
    return tuple(found)


def _signatures(section: Section, owner: Name, rtype: int) -> tuple[bytes, ...]:
    found, covered = section.get((owner, Type.RRSIG)), rtype.to_bytes(2)
    if found is None:
        return ()
    return tuple(dict.fromkeys(rdata for rdata in found.rdatas if rdata.startswith(covered)))


def _proofs(names: Names, others: Section, path: Path, denial: tuple[RRset, ...]) -> list[RRset]:
    """Return the NSEC and NSEC3 records of the zones that the path goes through.

    Such a zone is that of the SOA, or the one whose signature a record has and which a name of the path is in.
    """
    proofs = [found for (_, rtype), found in others.items() if rtype in _PROOFS]
    if not proofs:
        return []
    zones = {parent for name in path.names for parent in names.parents(name)}
    kept = []
    for found in proofs:
        names.pay(_OF_PROOF)
        around = zones.intersection(names.parents(found.owner))
        signatures = _signatures(others, found.owner, found.rtype)
        signer = signatures[0][_SIGNER : _SIGNER + _MAX_NAME].lower() if signatures else b""
        if signer.startswith(tuple(around)) or any(soa.owner in around for soa in denial):
            kept.append(found.rrset())
    return kept
