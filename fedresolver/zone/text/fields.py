"""The data of the usual types, field by field: a table of their shapes (RFC 1035 3.3 and the RFCs of the later ones).

What is not in the table is read by dnspython (`library.py`). So are all types in the tests, which compare.
"""

import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType

import msgspec

from fedresolver.wire.const import Type
from fedresolver.wire.error import FormatError
from fedresolver.zone.text.names import Names
from fedresolver.zone.text.word import number, seconds, shown, string, value

Field = Callable[[bytes, Names], bytes]
Rest = Callable[[Sequence[bytes]], bytes]


class Shape(msgspec.Struct, frozen=True):
    """The fields of a type, called as in `usage`, and what reads all further words of which there must be one."""

    usage: str
    fields: tuple[Field, ...]
    rest: Rest | None = None

    def read(self, words: Sequence[bytes], names: Names) -> bytes:
        """Return the data that `words` say as uncompressed octets; FormatError when they do not."""
        fields = self.fields
        if len(words) <= len(fields) if self.rest else len(words) != len(fields):
            raise FormatError(f"{len(words)} word{'' if len(words) == 1 else 's'} of data")
        octets = b"".join([field(word, names) for field, word in zip(fields, words, strict=False)])
        return octets + self.rest(words[len(fields) :]) if self.rest else octets


def _whole(octets: int) -> Field:
    most = (1 << 8 * octets) - 1
    return lambda word, names: number(word, most).to_bytes(octets)


def _name(word: bytes, names: Names) -> bytes:
    return names.wire(word)


def _time(word: bytes, names: Names) -> bytes:
    return seconds(word).to_bytes(4)


def _string(word: bytes, names: Names) -> bytes:
    return string(word)


def _octets(word: bytes, names: Names) -> bytes:
    return value(word)


def _quoted(word: bytes, names: Names) -> bytes:
    if word[0] != ord('"'):
        raise FormatError(f"{shown(word)} stands without quotes (RFC 7553 4.4)")
    if not (octets := value(word)):
        raise FormatError("the target is empty (RFC 7553 4.4)")
    return octets


def _server(word: bytes, names: Names) -> bytes:
    if _ADDRESS.fullmatch(word):
        raise FormatError(f"{shown(word)} is an address; write the name of the server, and an A record for that name")
    return names.wire(word)


def _ipv4(word: bytes, names: Names) -> bytes:
    try:
        return IPv4Address(word.decode("ascii")).packed
    except ValueError:
        right = "write four numbers from 0 to 255, as 192.0.2.1"
        raise FormatError(f"{shown(word)} is no IPv4 address; {right}") from None


def _ipv6(word: bytes, names: Names) -> bytes:
    try:
        if b"%" not in word:
            return IPv6Address(word.decode("ascii")).packed
    except ValueError:
        pass
    raise FormatError(f"{shown(word)} is no IPv6 address; write it as 2001:db8::1")


def _locator(word: bytes, names: Names) -> bytes:
    if not _LOCATOR.fullmatch(word):
        raise FormatError(f"{shown(word)} is no locator; write four groups of hexadecimal digits, as 2001:db8:1:2")
    return b"".join(int(group, 16).to_bytes(2) for group in word.split(b":"))


def _tag(word: bytes, names: Names) -> bytes:
    tag = string(word)
    if not tag[1:].isalnum():
        raise FormatError(f"{shown(word)} is no tag of a CAA record; write letters and digits, as `issue`")
    return tag


def _strings(words: Sequence[bytes]) -> bytes:
    return b"".join(map(string, words))


def _hexadecimal(words: Sequence[bytes]) -> bytes:
    digits = b"".join(words)
    try:
        return binascii.unhexlify(digits)
    except ValueError:
        raise FormatError(f"{shown(digits)} is not hexadecimal; write two digits of 0-9 and a-f per octet") from None


_ADDRESS = re.compile(rb"[0-9]{1,3}(?:\.[0-9]{1,3}){3}\.?")
_LOCATOR = re.compile(rb"[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){3}")
_U8, _U16, _U32 = _whole(1), _whole(2), _whole(4)
_HOST = Shape("HOST", (_name,))
_PREFERRED = Shape("PREFERENCE HOST", (_U16, _name))
_TEXT = Shape('"TEXT" ["TEXT"...]', (), _strings)
_ASSOCIATION = Shape("USAGE SELECTOR MATCHING-TYPE HEX", (_U8, _U8, _U8), _hexadecimal)
_MB, _MG, _MR, _MINFO, _RP, _AFSDB, _RT, _KX = 7, 8, 9, 14, 17, 18, 21, 36
_SMIMEA, _NINFO, _AVC, _RESINFO, _WALLET, _NID, _L32, _L64, _LP = 53, 56, 258, 261, 262, 104, 105, 106, 107

SHAPES: Mapping[int, Shape] = MappingProxyType(
    {
        int(Type.A): Shape("ADDRESS", (_ipv4,)),
        int(Type.AAAA): Shape("ADDRESS", (_ipv6,)),
        **dict.fromkeys((int(Type.CNAME), int(Type.DNAME), int(Type.PTR), _MB, _MG, _MR), _HOST),
        int(Type.NS): Shape("HOST", (_server,)),
        int(Type.SOA): Shape(
            "PRIMARY MAILBOX SERIAL REFRESH RETRY EXPIRE MINIMUM", (_name, _name, _U32, _time, _time, _time, _time)
        ),
        **dict.fromkeys((int(Type.MX), _AFSDB, _RT, _KX, _LP), _PREFERRED),
        **dict.fromkeys((_RP, _MINFO), Shape("MAILBOX NAME", (_name, _name))),
        **dict.fromkeys((_NID, _L64), Shape("PREFERENCE LOCATOR", (_U16, _locator))),
        _L32: Shape("PREFERENCE ADDRESS", (_U16, _ipv4)),
        int(Type.SRV): Shape("PRIORITY WEIGHT PORT HOST", (_U16, _U16, _U16, _name)),
        **dict.fromkeys((int(Type.TXT), int(Type.SPF), _NINFO, _AVC, _RESINFO, _WALLET), _TEXT),
        int(Type.HINFO): Shape('"CPU" "OS"', (_string, _string)),
        int(Type.NAPTR): Shape(
            'ORDER PREFERENCE "FLAGS" "SERVICE" "REGEXP" REPLACEMENT', (_U16, _U16, _string, _string, _string, _name)
        ),
        int(Type.CAA): Shape('FLAGS TAG "VALUE"', (_U8, _tag, _octets)),
        int(Type.URI): Shape('PRIORITY WEIGHT "TARGET"', (_U16, _U16, _quoted)),
        **dict.fromkeys((int(Type.TLSA), _SMIMEA), _ASSOCIATION),
    }
)
NAMES_FROM: Mapping[int, int] = MappingProxyType(
    dict.fromkeys((int(Type.NS), int(Type.CNAME), int(Type.DNAME), int(Type.PTR), _MB, _MG, _MR, _MINFO, _RP), 0)
    | dict.fromkeys((int(Type.MX), _AFSDB, _RT, _KX, _LP), 2)
    | {int(Type.SRV): 6}
)
"""From which octet on the data of a type is names and nothing else."""


def canonical(rtype: int, rdata: bytes) -> bytes:
    """Return what two equal records have in common: the case of names does not count (RFC 4034 6.2)."""
    start = NAMES_FROM.get(rtype)
    return rdata if start is None else rdata[:start] + rdata[start:].lower()
