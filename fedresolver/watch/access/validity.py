"""From when until when credentials are good, as far as they say: certificates in PEM, and tokens that are a JWT."""

import base64
import binascii
import ssl
from collections.abc import Iterator
from datetime import datetime

import msgspec

from fedresolver.watch.kube.intake import WRONG_SHAPE

_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
_SEQUENCE, _UTC_TIME, _GENERALIZED_TIME, _VERSION = 0x30, 0x17, 0x18, 0xA0
_FORMATS = {_UTC_TIME: "%y%m%d%H%M%SZ", _GENERALIZED_TIME: "%Y%m%d%H%M%SZ"}


class Validity(msgspec.Struct, frozen=True):
    """Until when something is good, and from when, None where it does not say; in seconds since the epoch."""

    end: float
    begin: float | None = None


class _Claims(msgspec.Struct, frozen=True):
    exp: float | None = None
    iat: float | None = None
    nbf: float | None = None


def of_token(token: str) -> Validity | None:
    """Return what a JWT says of itself (RFC 7519 4.1.4), None for one that says nothing, and for any other token."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = msgspec.json.decode(payload, type=_Claims)
    except (ValueError, *WRONG_SHAPE):
        return None
    return None if claims.exp is None else Validity(claims.exp, claims.nbf if claims.iat is None else claims.iat)


def of_certificate(pem: bytes) -> Validity | None:
    """Return the validity of the first certificate in PEM (RFC 5280 4.1.2.5), None where none can be read."""
    start = pem.find(_BEGIN)
    end = pem.find(_END, start)
    if start < 0 or end < 0:
        return None
    try:
        return _of_der(ssl.PEM_cert_to_DER_cert(pem[start : end + len(_END)].decode("ascii")))
    except (ValueError, IndexError, StopIteration, binascii.Error):
        return None


def sooner(*found: Validity | None) -> Validity | None:
    """Return the one that ends first, None where nobody says when it ends."""
    return min(filter(None, found), key=lambda one: one.end, default=None)


def _of_der(der: bytes) -> Validity:
    """Return the fifth field of a certificate's signed part, the fourth where the version does not stand first."""
    (_, certificate), *_ = _fields(der)
    (_, signed), *_ = _fields(certificate)
    fields = [field for field in _fields(signed) if field[0] != _VERSION]
    kind, both = fields[3]  # after serial number, algorithm, issuer
    begin, end = _fields(both)
    if kind != _SEQUENCE:
        raise ValueError("no validity")
    return Validity(_time(*end), _time(*begin))


def _fields(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each element (X.690 8.1); ValueError or IndexError where there are none."""
    at = 0
    while at < len(der):
        tag, length = der[at], der[at + 1]
        at += 2
        if length & 0x80:
            octets = length & 0x7F
            length = int.from_bytes(der[at : at + octets], "big")
            at += octets
        if at + length > len(der):
            raise ValueError("an element ends behind what it is in")
        yield tag, der[at : at + length]
        at += length


def _time(kind: int, text: bytes) -> float:
    if kind not in _FORMATS:
        raise ValueError("no time")
    return datetime.strptime(text.decode("ascii") + "+0000", _FORMATS[kind] + "%z").timestamp()
