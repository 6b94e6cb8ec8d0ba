"""What a signed zone says of names and types that it does not have: NSEC (RFC 4034 4) or NSEC3 (RFC 5155) records.

Each of these records names itself and the next one in the order of the zone, so that it speaks of all that would be in
between. With NSEC3 it is hashes of names that are in order.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import sha1
from typing import Protocol

import msgspec

from fedresolver.wire.const import Type
from fedresolver.wire.name import Name, above, labels, starts
from fedresolver.wire.rr import RRset
from fedresolver.zone.contents import Contents
from fedresolver.zone.signatures import is_signed

WILDCARD = b"\1*"
"""The label of a wildcard in wire form."""
MOST_ITERATIONS = 150
"""More rounds of hashing are not worked out for strangers, and no validator would (RFC 9276 3.2)."""

_NSEC, _NSEC3, _NSEC3PARAM = map(int, (Type.NSEC, Type.NSEC3, Type.NSEC3PARAM))
_SHA1_UNFLAGGED = b"\1\0"
_SALT = 5
_HASH = slice(1, 33)
"""Where the digits of a hash are in the name of an NSEC3 record."""
_VALUES = bytes.maketrans(b"0123456789abcdefghijklmnopqrstuv", bytes(range(32)))

Proof = tuple[RRset, ...]
"""NSEC or NSEC3 records that together say what is not there; one may stand in it twice."""


class Proofs(Protocol):
    """The proofs of a zone. `encloser` is the closest name above one that does not exist."""

    def no_data(self, name: bytes) -> Proof:
        """Return the proof of what a name that exists does not have."""

    def absent(self, name: bytes, encloser: bytes) -> Proof:
        """Return the proof that a name is not there, and of what the wildcard in its place does not have either."""

    def expanded(self, name: bytes, encloser: bytes) -> Proof:
        """Return the proof that nothing is closer to a name than the wildcard below `encloser`."""


def proofs(contents: Contents, turn: Callable[[], None]) -> Proofs | None:
    """Return the proofs of a zone, None of one that is not signed; `turn` is called now and then."""
    apex = contents.rrsets[contents.apex]
    if not is_signed(contents):
        return None
    for rdata in apex[_NSEC3PARAM].rdatas if _NSEC3PARAM in apex else ():
        hashing = _hashing(rdata)
        if hashing is not None and hashing.iterations <= MOST_ITERATIONS:
            return _hashed(contents, hashing, turn)
    return _plain(contents, turn)


class Hashing(msgspec.Struct, frozen=True, gc=False):
    """How the names of a zone are hashed (RFC 5155 5): SHA-1, and that many times more."""

    iterations: int
    salt: bytes


def _hashing(rdata: bytes) -> Hashing | None:
    """Return what the data of NSEC3PARAM says; None where nobody is to use that chain (RFC 5155 4.1.2)."""
    if len(rdata) < _SALT or len(rdata) != _SALT + rdata[_SALT - 1] or not rdata.startswith(_SHA1_UNFLAGGED):
        return None
    return Hashing(int.from_bytes(rdata[2:4]), rdata[_SALT:])


@lru_cache(maxsize=4096)
def hashed(name: bytes, hashing: Hashing) -> bytes:
    """Return the hash of a name, 20 octets."""
    digest = sha1(name + hashing.salt, usedforsecurity=False).digest()
    for _ in range(hashing.iterations):
        digest = sha1(digest + hashing.salt, usedforsecurity=False).digest()
    return digest


def in_order(name: bytes) -> bytes:
    """Return octets that compare as names do in the order of DNSSEC (RFC 4034 6.1): label by label, from the right.

    A zero octet ends each label, and stands before all that a label may have; those of its own are written as two.
    """
    return b"".join(label.replace(b"\1", b"\1\2").replace(b"\0", b"\1\1") + b"\0" for label in reversed(labels(name)))


class _Ring:
    """Records by the place that each has in the order of a zone; behind the last one comes the first."""

    def __init__(self, records: Iterable[tuple[bytes, RRset]]) -> None:
        ordered = sorted(records, key=lambda record: record[0])
        self._places = [place for place, _ in ordered]
        self._rrsets = [rrset for _, rrset in ordered]

    def at(self, place: bytes) -> Proof:
        """Return the record that speaks of a place: its own, or that of the one before."""
        return (self._rrsets[bisect_right(self._places, place) - 1],) if self._rrsets else ()

    def has(self, place: bytes) -> bool:
        """Say whether there is a record of this very place."""
        found = bisect_right(self._places, place)
        return found > 0 and self._places[found - 1] == place


class _Plain:
    """Proofs by NSEC records (RFC 4035 3.1.3)."""

    def __init__(self, ring: _Ring) -> None:
        self._ring = ring

    def no_data(self, name: bytes) -> Proof:
        return self._ring.at(in_order(name))

    def absent(self, name: bytes, encloser: bytes) -> Proof:
        return self.no_data(name) + self.no_data(WILDCARD + encloser)

    def expanded(self, name: bytes, encloser: bytes) -> Proof:
        return self.no_data(name)


class _Hashed:
    """Proofs by NSEC3 records (RFC 5155 7.2)."""

    def __init__(self, ring: _Ring, apex: Name, hashing: Hashing) -> None:
        self._ring = ring
        self._apex = apex
        self._hashing = hashing

    def no_data(self, name: bytes) -> Proof:
        if self._ring.has(self._hash(name)):
            return self._at(name)
        encloser, closer = self._provable(name, above(name))
        return self._at(encloser) + self._at(closer)

    def absent(self, name: bytes, encloser: bytes) -> Proof:
        encloser, closer = self._provable(name, encloser)
        return self._at(encloser) + self._at(closer) + self._at(WILDCARD + encloser)

    def expanded(self, name: bytes, encloser: bytes) -> Proof:
        return self._at(_closer(name, encloser))

    def _provable(self, name: bytes, encloser: bytes) -> tuple[bytes, bytes]:
        """Return the closest encloser that has a record, and the name below it on the way to `name`.

        Delegations that are not signed, and what exists only because of them, may have none (Opt-Out, RFC 5155 6).
        """
        while len(encloser) > len(self._apex) and not self._ring.has(self._hash(encloser)):
            encloser = above(encloser)
        return encloser, _closer(name, encloser)

    def _at(self, name: bytes) -> Proof:
        return self._ring.at(self._hash(name))

    def _hash(self, name: bytes) -> bytes:
        return hashed(name, self._hashing)


def _plain(contents: Contents, turn: Callable[[], None]) -> _Plain:
    return _Plain(_Ring((in_order(owner), types[_NSEC]) for owner, types in contents.in_turns(turn) if _NSEC in types))


def _hashed(contents: Contents, hashing: Hashing, turn: Callable[[], None]) -> _Hashed:
    says = hashing.iterations.to_bytes(2) + bytes((len(hashing.salt),)) + hashing.salt
    found = []
    for owner, types in contents.in_turns(turn):
        rrset = types.get(_NSEC3)
        if rrset is not None and (place := _place(owner)) and rrset.rdatas[0][2:].startswith(says):
            found.append((place, rrset))
    return _Hashed(_Ring(found), contents.apex, hashing)


def _place(owner: Name) -> bytes:
    """Return the hash that an NSEC3 record is named by (base32hex, RFC 5155 3.3); empty for what is none."""
    digits = owner[_HASH].translate(_VALUES)
    if not digits or owner[0] != len(digits) or max(digits) >= 32:
        return b""
    value = 0
    for digit in digits:
        value = value << 5 | digit
    return value.to_bytes(20)


def _closer(name: bytes, encloser: bytes) -> bytes:
    """Return the name that is one label longer than `encloser`, on the way to `name`."""
    end = len(name) - len(encloser)
    return name[max(start for start in starts(name) if start < end) :]
