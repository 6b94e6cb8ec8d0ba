"""The data of a stranger's records: names in it made whole, sizes checked, the rest as it is.

Which types may have compressed names is settled for ever: those of RFC 1035, and those that RFC 3597 4 names. RRSIG and
NSEC have names that must not be compressed (RFC 4034); they are read all the same, for a pointer would lead nowhere in
any other message. All other types are opaque.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from fedresolver.wire.compression import Names
from fedresolver.wire.const import Type
from fedresolver.wire.error import FormatError

Reader: TypeAlias = Callable[[Names, int, int], bytes]
"""Returns the data between two offsets of a message, which is longer than that if the data is cut off.

Raises FormatError where it is not what its type has.
"""

_A, _AAAA = 4, 16
_ANY_TAIL = -1
_NAPTR_NUMBERS = 4
_NAPTR_TEXTS = 3


def reader(rtype: int) -> Reader:
    """Return what reads the data of a type."""
    return _READERS.get(rtype, _opaque)


def _opaque(names: Names, start: int, end: int) -> bytes:
    return names.message[start:end]


def _a(names: Names, start: int, end: int) -> bytes:
    if end - start != _A:
        raise FormatError(f"an A record of {end - start} octets")
    return names.message[start:end]


def _aaaa(names: Names, start: int, end: int) -> bytes:
    if end - start != _AAAA:
        raise FormatError(f"an AAAA record of {end - start} octets")
    return names.message[start:end]


def _named(names: Names, start: int, end: int, *, before: int, count: int, after: int) -> bytes:
    """Read `before` octets, `count` names, then `after` octets or any number of them."""
    position = start + before
    parts = [names.message[start:position]]
    for _ in range(count):
        octets, position = names.read(position)
        parts.append(octets)
    tail = end - position
    if tail < 0 or after not in (_ANY_TAIL, tail):
        raise FormatError(f"data of {end - start} octets does not end where its names and numbers do")
    parts.append(names.message[position:end])
    return b"".join(parts)


def _naptr(names: Names, start: int, end: int) -> bytes:
    """Read two numbers, three texts with their lengths and a name (RFC 3403 4.1)."""
    position = start + _NAPTR_NUMBERS
    for _ in range(_NAPTR_TEXTS):
        position += 1 + names.message[position]
    return _named(names, start, end, before=position - start, count=1, after=0)


def _target(names: Names, start: int, end: int) -> bytes:
    """Read a name that leads on: in small letters, as every name that is looked up."""
    octets, position = names.read(start)
    if position != end:
        raise FormatError("the target of a CNAME or DNAME does not end where its record does")
    return octets.lower()


_ONE_NAME = partial(_named, before=0, count=1, after=0)
_TWO_NAMES = partial(_named, before=0, count=2, after=0)
_NUMBER_AND_NAME = partial(_named, before=2, count=1, after=0)
_NAME_AND_TYPES = partial(_named, before=0, count=1, after=_ANY_TAIL)
_SIGNATURE = partial(_named, before=18, count=1, after=_ANY_TAIL)

_MD, _MF, _MB, _MG, _MR, _MINFO = 3, 4, 7, 8, 9, 14
_RP, _AFSDB, _RT, _SIG, _PX, _NXT, _KX = 17, 18, 21, 24, 26, 30, 36
_READERS: Mapping[int, Reader] = {
    Type.A: _a,
    Type.AAAA: _aaaa,
    Type.CNAME: _target,
    Type.DNAME: _target,
    **dict.fromkeys((Type.NS, Type.PTR, _MD, _MF, _MB, _MG, _MR), _ONE_NAME),
    Type.SOA: partial(_named, before=0, count=2, after=20),
    **dict.fromkeys((_MINFO, _RP), _TWO_NAMES),
    **dict.fromkeys((Type.MX, _AFSDB, _RT, _KX), _NUMBER_AND_NAME),
    _PX: partial(_named, before=2, count=2, after=0),
    Type.SRV: partial(_named, before=6, count=1, after=0),
    Type.NAPTR: _naptr,
    **dict.fromkeys((Type.RRSIG, _SIG), _SIGNATURE),
    **dict.fromkeys((Type.NSEC, _NXT), _NAME_AND_TYPES),
}
