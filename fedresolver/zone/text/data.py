r"""The data of one record: words in, octets out."""

import binascii
from collections.abc import Sequence

from fedresolver.wire.const import Type
from fedresolver.wire.error import FormatError
from fedresolver.zone.text import library
from fedresolver.zone.text.fields import SHAPES, Shape
from fedresolver.zone.text.library import type_text
from fedresolver.zone.text.names import Names
from fedresolver.zone.text.word import number, shown

_GENERIC = b"\\#"
_MOST = 65535
_SMIMEA = 53
_ANY_LENGTH = frozenset((Type.TLSA, _SMIMEA))
"""Types whose digests dnspython wants to have the length that their matching type says; BIND, NSD and Knot do not."""
_EXAMPLES = {
    "APL": "1:192.0.2.0/24 !2:2001:db8::/32",
    "CERT": "PKIX 1 RSASHA256 BASE64",
    "CSYNC": "SERIAL FLAGS TYPE...",
    "DNSKEY": "257 3 13 BASE64",
    "DS": "KEYTAG ALGORITHM DIGEST-TYPE HEX",
    "EUI48": "00-00-5e-00-53-2a",
    "EUI64": "00-00-5e-ef-10-00-00-2a",
    "HTTPS": "1 . alpn=h2,h3 ipv4hint=192.0.2.1",
    "LOC": "52 22 23.000 N 4 53 32.000 E -2.00m",
    "NSEC": "NEXT TYPE...",
    "NSEC3": "1 0 0 - HASH TYPE...",
    "NSEC3PARAM": "1 0 0 -",
    "OPENPGPKEY": "BASE64",
    "RRSIG": "TYPE ALGORITHM LABELS TTL EXPIRATION INCEPTION KEYTAG SIGNER BASE64",
    "SSHFP": "ALGORITHM DIGEST-TYPE HEX",
    "SVCB": "1 svc.example.net. port=8443",
    "ZONEMD": "SERIAL SCHEME HASH HEX",
}
_EXAMPLES |= {"CDS": _EXAMPLES["DS"], "CDNSKEY": _EXAMPLES["DNSKEY"]}


def rdata(rtype: int, words: Sequence[bytes], names: Names) -> bytes:
    r"""Return the data of a record as uncompressed octets, from its own form or from `\# LENGTH HEX` (RFC 3597 5).

    FormatError says what is wrong with it.
    """
    if words and words[0] == _GENERIC:
        octets = _generic(rtype, words)
    elif shape := SHAPES.get(rtype):
        octets = _shaped(shape, rtype, words, names)
    else:
        octets = _foreign(rtype, words, names)
    if len(octets) > _MOST:
        raise FormatError(f"the data has {len(octets)} octets; a record has at most {_MOST}")
    return octets


def _shaped(shape: Shape, rtype: int, words: Sequence[bytes], names: Names) -> bytes:
    try:
        return shape.read(words, names)
    except FormatError as error:
        if "; " in str(error):
            raise
        raise FormatError(f"{error}; write `{type_text(rtype)} {shape.usage}`") from error


def _generic(rtype: int, words: Sequence[bytes]) -> bytes:
    usage = "write `\\# LENGTH HEX`, LENGTH in octets"
    if len(words) < 2:
        raise FormatError(f"`\\#` stands alone; {usage}")
    length = number(words[1], _MOST)
    try:
        octets = binascii.unhexlify(b"".join(words[2:]))
    except ValueError:
        raise FormatError(f"{shown(b' '.join(words[2:]))} is not hexadecimal; {usage}") from None
    if len(octets) != length:
        raise FormatError(f"{length} octets are announced and {len(octets)} are there; {usage}")
    if rtype not in _ANY_LENGTH:
        try:
            library.check(rtype, octets)
        except FormatError as error:
            raise FormatError(f"these octets are no data of type {type_text(rtype)}{error}") from error
    return octets


def _foreign(rtype: int, words: Sequence[bytes], names: Names) -> bytes:
    try:
        if rtype == Type.NSEC and len(words) < 2:  # an empty bitmap (RFC 4034 4.1.2)
            raise FormatError(": it names no types")
        return library.read(rtype, words, names)
    except FormatError as error:
        usage = _EXAMPLES.get(type_text(rtype), "\\# LENGTH HEX" if "generic" in str(error) else "")
        right = f"; write `{type_text(rtype)} {usage}`" if usage else ""
        raise FormatError(f"{shown(b' '.join(words))} is no data of type {type_text(rtype)}{error}{right}") from error
