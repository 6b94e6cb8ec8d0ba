"""Signatures of messages with shared secrets (TSIG, RFC 8945): verified before they are believed, and made.

The record is read here, at a bounded price, and no digest is made for a key that is not ours; dnspython makes the
digests. A server verifies a query and is given what signs the answer, of one message or of many; a client signs a query
and is given what verifies the answer.

Only whole MACs are accepted: a shorter one that the protocol allows is BADTRUNC (RFC 8945 5.2.4). MD5 is not accepted
at all.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from hmac import compare_digest
from typing import NoReturn

import dns.name
import dns.tsig
import msgspec

from fedresolver.wire.compression import Names
from fedresolver.wire.const import Rcode, TsigError, Type, tsig_error_text
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name, from_text, name_end, to_text
from fedresolver.wire.query import HEADER

FUDGE = 300
"""The seconds that clocks may differ by, in what we sign (RFC 8945 10)."""
MOST_UNSIGNED = 99
"""How many messages of an answer may stand without a signature before one that has it (RFC 8945 5.3.1)."""

_CLASS_ANY = 255
_CLASS_AND_TTL = b"\0\xff\0\0\0\0"
_FIXED = struct.Struct("!2HIH")
_TIMES = struct.Struct("!HIHH")
_TAIL = struct.Struct("!3H")
_LEAST_MAC = 10
_TIME = 6
_QUESTION_TAIL = 4

ALGORITHMS = {
    name.to_text(omit_final_dot=True).lower(): size
    for name, size in dns.tsig.mac_sizes.items()
    if name not in (dns.tsig.HMAC_MD5, dns.tsig.GSS_TSIG)
}
"""The algorithms that we sign with by their names, and the octets of their MACs (RFC 8945 6)."""
DEFAULT_ALGORITHM = "hmac-sha256"


class Key(msgspec.Struct, frozen=True, gc=False):
    """A secret that two have in common: its name, one of ALGORITHMS, and its octets, which are never shown."""

    name: Name
    algorithm: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Key({to_text(self.name)!r}, {self.algorithm!r})"

    @property
    def size(self) -> int:
        """The octets of a whole MAC."""
        return ALGORITHMS[self.algorithm]


class Keyring:
    """Keys by their names."""

    def __init__(self) -> None:
        self._keys: dict[Name, Key] = {}

    def add(self, key: Key) -> None:
        """Take in a key, in the place of one of the same name."""
        self._keys[key.name] = key

    def get(self, name: bytes) -> Key | None:
        """Return the key of this name, None where there is none."""
        return self._keys.get(Name(name))

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys.values())


NO_KEYS = Keyring()
"""The keyring of those who have no keys; nobody adds one."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """A TSIG record (RFC 8945 4.2): names in small letters, `signed` in seconds since the epoch, `fudge` in seconds."""

    owner: Name
    algorithm: Name
    signed: int
    fudge: int
    mac: bytes
    id: int
    error: int = 0
    other: bytes = b""

    def octets(self) -> bytes:
        """Return it in wire form."""
        times = _TIMES.pack(self.signed >> 32, self.signed & 0xFFFFFFFF, self.fudge, len(self.mac))
        tail = _TAIL.pack(self.id, self.error, len(self.other))
        data = b"".join((self.algorithm, times, self.mac, tail, self.other))
        return self.owner + _FIXED.pack(Type.TSIG, _CLASS_ANY, 0, len(data)) + data


class SignatureError(FormatError):
    """A signature that is not believed: the `rcode` of the answer to such a query, and the `error` of its TSIG record.

    `signer` adds that record to the answer, None where the query was not even understood (FORMERR).
    """

    def __init__(self, rcode: Rcode, error: int, why: str, signer: "Signer | None" = None) -> None:
        super().__init__(why)
        self.rcode = rcode
        self.error = error
        self.signer = signer


class Signer:
    """Signs the answer to one signed query, message by message in their order.

    `record` is that of the query, `key` what it was verified with; without a key nothing can be signed, and the record
    says only what was wrong (RFC 8945 5.3.2).
    """

    __slots__ = ("_error", "_prior", "_record", "key")

    def __init__(self, record: Record, key: Key | None, error: int = 0) -> None:
        self.key = key
        self._record = record
        self._error = error
        self._prior = b""

    @property
    def name(self) -> Name:
        """The name of the key that the query says it is signed with."""
        return self._record.owner

    @property
    def room(self) -> int:
        """How many octets of a message its record takes."""
        mac = 0 if self.key is None else self.key.size
        fixed = _FIXED.size + _TIMES.size + _TAIL.size + _TIME
        return len(self._record.owner) + len(self._record.algorithm) + fixed + mac

    def sign(self, message: bytes, now: int) -> bytes:
        """Return a message of the answer with its signature; `now` is in seconds since the epoch."""
        record = self._unsigned(message, now)
        if self.key is not None:
            context = _after(self.key, self._prior) if self._prior else None
            self._prior = _mac(self.key, message, record, self._record.mac, context)
            record = msgspec.structs.replace(record, mac=self._prior)
        return _with(message, record)

    def _unsigned(self, message: bytes, now: int) -> Record:
        """Return the record without a MAC; whose clock is wrong is told ours, at the time that it believes in."""
        asked, other = self._record, b""
        signed, fudge = now, FUDGE
        if self._error == TsigError.BADTIME:
            signed, fudge, other = asked.signed, asked.fudge, now.to_bytes(_TIME)
        return Record(asked.owner, asked.algorithm, signed, fudge, b"", _id(message), self._error, other)


def verify(message: bytes, at: int, keyring: Keyring, now: int) -> Signer:
    """Return what signs the answer to a query with a good signature; its record begins at `at`.

    `now` is in seconds since the epoch. SignatureError says what is wrong (RFC 8945 5.2), and how that is answered.
    """
    record = read_record(message, at)
    key = keyring.get(record.owner)
    if key is None or _algorithm(key.algorithm) != record.algorithm:
        raise _refused(TsigError.BADKEY, record, None)
    _check_size(key, record)
    if not _is_good(key, record, _mac(key, _stripped(message, at), record)):
        raise _refused(TsigError.BADSIG, record, None)
    if abs(now - record.signed) > record.fudge:
        raise _refused(TsigError.BADTIME, record, key)
    if len(record.mac) < key.size:
        raise _refused(TsigError.BADTRUNC, record, key)
    return Signer(record, key)


def _refused(error: TsigError, record: Record, key: Key | None) -> SignatureError:
    why = f"{error.name}, key {to_text(record.owner)}"
    return SignatureError(Rcode.NOTAUTH, error, why, Signer(record, key, error))


def _check_size(key: Key, record: Record) -> None:
    """RFC 8945 5.2.2.1: such a MAC is not even allowed to be sent."""
    if not max(_LEAST_MAC, key.size // 2) <= len(record.mac) <= key.size:
        _malformed(f"a MAC of {len(record.mac)} octets")


def _is_good(key: Key, record: Record, mac: bytes) -> bool:
    return compare_digest(mac[: len(record.mac)], record.mac)


class Asked:
    """A query that we sign with `key`, in `message`, and the answer to it, verified message by message in their order.

    `now` is in seconds since the epoch.
    """

    def __init__(self, message: bytes, key: Key, now: int) -> None:
        record = Record(key.name, _algorithm(key.algorithm), now, FUDGE, b"", _id(message))
        mac = _mac(key, message, record)
        self.message = _with(message, msgspec.structs.replace(record, mac=mac))
        self._key = key
        self._mac = mac
        self._context: dns.tsig.HMACTSig | None = None
        self._unsigned = 0

    def verify(self, message: bytes, at: int, now: int) -> None:
        """Take in the next message of the answer, whose TSIG record begins at `at`, 0 without one.

        SignatureError when it is not believed, and nothing of the answer is to be.
        """
        if at:
            self._verify(message, at, now)
        else:
            self._pass_over(message)

    def end(self) -> None:
        """Say that this was all: SignatureError when the last message was not signed (RFC 8945 5.3.1)."""
        if self._context is None or self._unsigned:
            raise SignatureError(Rcode.NOTAUTH, 0, "the end of the answer is not signed")

    def _pass_over(self, message: bytes) -> None:
        self._unsigned += 1
        if self._context is None:
            raise SignatureError(Rcode.NOTAUTH, 0, "the answer is not signed")
        if self._unsigned > MOST_UNSIGNED:
            raise SignatureError(Rcode.NOTAUTH, 0, f"more than {MOST_UNSIGNED} messages without a signature")
        self._context.update(message)

    def _verify(self, message: bytes, at: int, now: int) -> None:
        record, key = read_record(message, at), self._key
        if record.error in (TsigError.BADKEY, TsigError.BADSIG) and not record.mac:
            raise _distrusted(record.error, "the other side does not accept our signature")
        if record.owner != key.name or record.algorithm != _algorithm(key.algorithm):
            raise _distrusted(TsigError.BADKEY, "the answer is signed with another key")
        _check_size(key, record)
        if not _is_good(key, record, _mac(key, _stripped(message, at), record, self._mac, self._context)):
            raise _distrusted(TsigError.BADSIG, "the signature of the answer is wrong")
        if record.error:
            raise _distrusted(record.error, "the other side does not accept our signature")
        if abs(now - record.signed) > record.fudge:
            raise _distrusted(TsigError.BADTIME, "the answer was signed at another time")
        if len(record.mac) < key.size:
            raise _distrusted(TsigError.BADTRUNC, "the signature of the answer is cut")
        self._context, self._unsigned = _after(key, record.mac), 0


def _distrusted(error: int, why: str) -> SignatureError:
    return SignatureError(Rcode.NOTAUTH, error, f"{tsig_error_text(error)}: {why}")


def find(message: bytes) -> int:
    """Return where the TSIG record of a message begins, 0 without one; FormatError when it cannot be read.

    Each record is stepped over, so the price is that of the message's length.
    """
    questions, *records = struct.unpack("!4H", message[4:HEADER])
    position, start, rtype = HEADER, 0, 0
    try:
        for _ in range(questions):
            position = name_end(message, position) + _QUESTION_TAIL
        for _ in range(sum(records)):
            start, position = position, name_end(message, position)
            rtype, _, _, length = _FIXED.unpack_from(message, position)
            position += _FIXED.size + length
    except (IndexError, struct.error) as error:
        raise FormatError("message ends too early") from error
    if position != len(message):
        raise FormatError("the records of a message end elsewhere than itself")
    return start if records[-1] and rtype == Type.TSIG else 0


def read_record(message: bytes, at: int) -> Record:
    """Return the TSIG record at `at`, the last of a message; SignatureError (FORMERR) when it is malformed."""
    try:
        return _read_record(message, at)
    except (IndexError, struct.error):
        _malformed("it ends too early")
    except SignatureError:
        raise
    except FormatError as error:
        _malformed(str(error))


def _read_record(message: bytes, at: int) -> Record:
    names = Names(message, None, 0)
    owner, position = names.read(at)
    _, rclass, ttl, _ = _FIXED.unpack_from(message, position)
    start = position + _FIXED.size
    if rclass != _CLASS_ANY or ttl:
        _malformed("its class is not ANY, or its TTL is not 0")
    algorithm, position = names.read(start)
    if position - start != len(algorithm):
        _malformed("the name of its algorithm is compressed")
    upper, lower, fudge, size = _TIMES.unpack_from(message, position)
    position += _TIMES.size
    mac = message[position : position + size]
    original, error, others = _TAIL.unpack_from(message, position + size)
    other = message[position + size + _TAIL.size :]
    if len(other) != others:
        _malformed("other data of another length than it says")
    return Record(Name(owner.lower()), Name(algorithm.lower()), upper << 32 | lower, fudge, mac, original, error, other)


def _malformed(why: str) -> NoReturn:
    raise SignatureError(Rcode.FORMERR, 0, f"malformed TSIG record: {why}")


def _stripped(message: bytes, at: int) -> bytes:
    """Return a message as it was before its TSIG record at `at` was added."""
    count = int.from_bytes(message[10:12]) - 1
    return message[:10] + count.to_bytes(2) + message[12:at]


def _with(message: bytes, record: Record) -> bytes:
    count = int.from_bytes(message[10:12]) + 1
    return b"".join((message[:10], count.to_bytes(2), message[12:], record.octets()))


def _id(message: bytes) -> int:
    return message[0] << 8 | message[1]


def _mac(
    key: Key, message: bytes, record: Record, prior: bytes = b"", context: dns.tsig.HMACTSig | None = None
) -> bytes:
    """Return the MAC of a message without its record (RFC 8945 4.3): `prior` is that of the query, in an answer.

    `context` is what the messages before it have led to; then only the times of the record are part of the digest.
    """
    times = record.signed.to_bytes(_TIME) + record.fudge.to_bytes(2)
    octets = record.id.to_bytes(2) + message[2:]
    if context is None:
        context = dns.tsig.get_context(_native(key))
        before = len(prior).to_bytes(2) + prior if prior else b""
        names = key.name + _CLASS_AND_TTL + _algorithm(key.algorithm)
        error = record.error.to_bytes(2) + len(record.other).to_bytes(2) + record.other
        context.update(b"".join((before, octets, names, times, error)))
    else:
        context.update(octets + times)
    mac: bytes = context.sign()
    return mac


def _after(key: Key, mac: bytes) -> dns.tsig.HMACTSig:
    """Return the context of the messages after one with this MAC."""
    context: dns.tsig.HMACTSig = dns.tsig.get_context(_native(key))
    context.update(len(mac).to_bytes(2) + mac)
    return context


@lru_cache(maxsize=256)
def _native(key: Key) -> dns.tsig.Key:
    return dns.tsig.Key(dns.name.from_wire(key.name, 0)[0], key.secret, key.algorithm)


@lru_cache(maxsize=16)
def _algorithm(text: str) -> Name:
    return from_text(text)
