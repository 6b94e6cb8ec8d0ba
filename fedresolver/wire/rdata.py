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
_OF_PARTS = 8
_NAPTR_NUMBERS = 4
_NAPTR_TEXTS = 3


def reader(rtype: int) -> Reader:
    """Return what reads the data of a type."""
    return _READERS.get(rtype, _opaque)


def as_written(rtype: int) -> Reader:
    """Return what reads the data of a type and leaves names that lead on in the letters they have."""
    return _name if rtype in _LEADING else reader(rtype)


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


def _name(names: Names, start: int, end: int) -> bytes:
    octets, position = names.read(start)
    if position != end:
        raise FormatError("a name in a record does not end where the record does")
    return octets


def _target(names: Names, start: int, end: int) -> bytes:
    """Read a name that leads on, in small letters as every name that is looked up."""
    return _name(names, start, end).lower()


def _last_name(before: int, names: Names, start: int, end: int) -> bytes:
    """Read `before` octets and a name."""
    name = start + before
    return names.message[start:name] + _name(names, name, end)


def _parts(before: int, count: int, after: int, names: Names, start: int, end: int) -> bytes:
    """Read `before` octets, `count` names, then `after` octets or any number of them."""
    names.pay(_OF_PARTS)
    position = start + before
    octets = names.message[start:position]
    for _ in range(count):
        name, position = names.read(position)
        octets += name
    tail = end - position
    if tail < 0 or after not in (_ANY_TAIL, tail):
        raise FormatError("the data of a record does not end where its names and numbers do")
    return octets + names.message[position:end]


def _naptr(names: Names, start: int, end: int) -> bytes:
    """Read two numbers, three texts with their lengths and a name (RFC 3403 4.1)."""
    names.pay(_OF_PARTS)
    position = start + _NAPTR_NUMBERS
    for _ in range(_NAPTR_TEXTS):
        position += 1 + names.message[position]
    return _last_name(position - start, names, start, end)


_LEADING = frozenset((Type.CNAME, Type.DNAME))
_MD, _MF, _MB, _MG, _MR, _MINFO = 3, 4, 7, 8, 9, 14
_RP, _AFSDB, _RT, _SIG, _PX, _NXT, _KX = 17, 18, 21, 24, 26, 30, 36
_READERS: Mapping[int, Reader] = {
    Type.A: _a,
    Type.AAAA: _aaaa,
    **dict.fromkeys((Type.CNAME, Type.DNAME), _target),
    **dict.fromkeys((Type.NS, Type.PTR, _MD, _MF, _MB, _MG, _MR), _name),
    **dict.fromkeys((Type.MX, _AFSDB, _RT, _KX), partial(_last_name, 2)),
    Type.SRV: partial(_last_name, 6),
    Type.NAPTR: _naptr,
    Type.SOA: partial(_parts, 0, 2, 20),
    **dict.fromkeys((_MINFO, _RP), partial(_parts, 0, 2, 0)),
    _PX: partial(_parts, 2, 2, 0),
    **dict.fromkeys((Type.RRSIG, _SIG), partial(_parts, 18, 1, _ANY_TAIL)),
    **dict.fromkeys((Type.NSEC, _NXT), partial(_parts, 0, 1, _ANY_TAIL)),
}
