r"""dnspython: the data of those types that `fields` does not have. No other module of the package speaks it.

It is given plain ASCII: other octets become `\DDD`, because its names would go through IDNA otherwise.
"""

import binascii
import re
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdatatype import RdataType

from fedresolver.wire.const import Type
from fedresolver.wire.error import FormatError
from fedresolver.zone.text.lexer import Attached
from fedresolver.zone.text.names import Names

TYPES = {dns.rdatatype.to_text(number): int(number) for number in RdataType}
"""The numbers of types by their mnemonics, those that stand in questions only among them."""

_ODD = re.compile(rb"[^\x20-\x7e]")
_EMPTY = frozenset((dns.exception.SyntaxError.__doc__, dns.exception.FormError.__doc__))
"""What dnspython says when it has nothing to say."""
_LONG = 120
_SERVICES = frozenset(map(int, (Type.SVCB, Type.HTTPS)))
_ALIAS, _SERVICE = b"\0\0", b"\0\1"
"""Priorities of SVCB and HTTPS. Beside the first parameters mean nothing, but may stand (RFC 9460 2.4.2); dnspython
does not want them there."""
_FAULTS = (dns.exception.DNSException, ValueError, LookupError, ArithmeticError, struct.error, binascii.Error)


def type_text(rtype: int) -> str:
    """Return the mnemonic of a type, or `TYPE123` (RFC 3597 5)."""
    return dns.rdatatype.to_text(RdataType.make(rtype))


def read(rtype: int, words: Sequence[bytes], names: Names) -> bytes:
    """Return the data that `words` say as uncompressed octets; FormatError, which goes on `: why`, when they do not."""
    if _is_alias(rtype, words):
        return _ALIAS + read(rtype, [b"1", *words[1:]], names)[len(_ALIAS) :]
    text = b"".join(word if isinstance(word, Attached) else b" " + word for word in words)
    plain = _ODD.sub(lambda octet: b"\\%03d" % ord(octet[0]), text).decode("ascii")
    with _faults():
        origin, _ = dns.name.from_wire(names.origin, 0)
        found = dns.rdata.from_text(dns.rdataclass.IN, RdataType.make(rtype), plain, origin, relativize=False)
        return found.to_wire() or b""


def _is_alias(rtype: int, words: Sequence[bytes]) -> bool:
    return rtype in _SERVICES and len(words) > 1 and words[0].strip(b"0") == b"" != words[0]


def write(rtype: int, octets: bytes) -> str:
    r"""Return data as text, names with their final dot; as `\# 4 C0000201` what has no other form (RFC 3597 5)."""
    try:
        return dns.rdata.from_wire(dns.rdataclass.IN, RdataType.make(rtype), octets, 0, len(octets)).to_text()
    except _FAULTS:
        return f"\\# {len(octets)} {octets.hex().upper()}".rstrip()


def check(rtype: int, octets: bytes) -> None:
    """Raise FormatError, `: why`, when `octets` are no data of a type or hold a compressed name (RFC 3597 5)."""
    if rtype in _SERVICES and octets.startswith(_ALIAS):
        octets = _SERVICE + octets[len(_ALIAS) :]
    with _faults():
        found = dns.rdata.from_wire(dns.rdataclass.IN, RdataType.make(rtype), octets, 0, len(octets))
        if found.to_wire() != octets:
            raise FormatError(": a name in it is compressed")


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except FormatError:
        raise
    except _FAULTS as error:
        raise FormatError(_said(error)) from error


def _said(error: Exception) -> str:
    """Return what an exception says beyond its kind, after a colon; empty for nothing."""
    said = "".join(filter(str.isprintable, " ".join(str(error)[:_LONG].split())))
    return f": {said}" if said and said not in _EMPTY else ""
