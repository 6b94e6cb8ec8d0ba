"""From an HTTP request to the DNS message that it carries, or to the status that refuses it (RFC 8484 4.1).

Everything is measured before it is decoded.
"""

import binascii
import re

import msgspec

from fedresolver.wire.query import is_query

MEDIA_TYPE = "application/dns-message"
LONGEST_BODY = 65_535
"""Octets of a message that a POST may bring: as many as over TCP."""
LONGEST_VALUE = 5462
"""Characters that `dns=` of a GET may have: 4,096 octets, as many as over UDP."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*={0,2}", re.ASCII)
_STANDARD = str.maketrans("-_", "+/")


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """A request that is not asked any further: a status of HTTP, and a line for whoever looks at it."""

    status: int
    text: str


NO_SUCH_PATH = Refusal(404, "there is nothing here")
METHOD = Refusal(405, "only GET and POST")
SLOW = Refusal(408, "the request took too long")
TOO_LARGE = Refusal(413, "a DNS message has at most 65535 octets")
LONG_VALUE = Refusal(414, "dns= is too long, send the message by POST")
OTHER_TYPE = Refusal(415, f"send {MEDIA_TYPE}, not encoded any further")
NOT_HTTP = Refusal(400, "this is not HTTP")
NO_VALUE = Refusal(400, "there must be one dns= in the query")
NOT_BASE64URL = Refusal(400, "dns= is not base64url")
NOT_DNS = Refusal(400, "this is not a DNS query")


class Head(msgspec.Struct, frozen=True, gc=False):
    """What matters of a request but its body: `length` is the Content-Length as it was written, empty without one."""

    method: str
    target: str
    media_type: str = ""
    encoding: str = ""
    length: str = ""


def refusal(head: Head, path: str) -> Refusal | None:
    """Return why a request is refused whatever its body is; None when it is not. `path` is the only one there is."""
    if _without_query(head.target) != path:
        return NO_SUCH_PATH
    if head.method in ("GET", "HEAD"):
        return None
    if head.method != "POST":
        return METHOD
    if head.media_type.partition(";")[0].strip().lower() != MEDIA_TYPE or head.encoding:
        return OTHER_TYPE
    return TOO_LARGE if is_long(head) else None


def is_long(head: Head) -> bool:
    """Say whether a request announces more octets than a message may have, or so many that they are not counted."""
    return len(head.length) > len(str(LONGEST_BODY)) or (head.length.isdecimal() and int(head.length) > LONGEST_BODY)


def message(head: Head, body: bytes) -> bytes | Refusal:
    """Return the DNS message of a request that `refusal` does not refuse."""
    found = body if head.method == "POST" else _value(head.target)
    if isinstance(found, bytes) and not is_query(found):
        return NOT_DNS
    return found


def _without_query(target: str) -> str:
    """Return the path of a request target, which may be a whole URL (RFC 9112 3.2.2)."""
    path = target.partition("?")[0]
    return path if path.startswith("/") else "/" + path.partition("://")[2].partition("/")[2]


def _value(target: str) -> bytes | Refusal:
    fields = [field[4:] for field in target.partition("?")[2].split("&") if field.startswith("dns=")]
    if len(fields) != 1:
        return NO_VALUE
    if len(fields[0]) > LONGEST_VALUE:
        return LONG_VALUE
    if not _BASE64URL.fullmatch(fields[0]):
        return NOT_BASE64URL
    digits = fields[0].rstrip("=").translate(_STANDARD)
    try:
        return binascii.a2b_base64(digits + "=" * (-len(digits) % 4))
    except binascii.Error:  # one digit too many
        return NOT_BASE64URL
