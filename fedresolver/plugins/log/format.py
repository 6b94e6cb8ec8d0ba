"""From a format such as `{name} {type}` to a function that writes lines.

A format is taken apart once, so that a line costs little more than the texts in it.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

from fedresolver.chain.plugin import Finished
from fedresolver.wire.const import class_text, rcode_text, type_text
from fedresolver.wire.name import to_text

Text: TypeAlias = Callable[[Finished], str]

COMMON = (
    '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" '
    "{rcode} {>rflags} {rsize} {duration}"
)
COMBINED = COMMON + ' "{>opcode}"'
EMPTY = "-"
_TOKEN = re.compile(r"\{(>?[A-Za-z]+|/[^{}]+)\}")
_FLAGS = (
    (0x8000, "qr"),
    (0x400, "aa"),
    (0x200, "tc"),
    (0x100, "rd"),
    (0x80, "ra"),
    (0x40, "z"),
    (0x20, "ad"),
    (0x10, "cd"),
)
_MAX_TCP = 65535
_PLAIN_UDP = 512


class UnknownTokenError(ValueError):
    """A word in braces that stands for nothing; the word is its only argument."""


def compiled(text: str) -> Text:
    """Return what writes a line in the format `text`; UnknownTokenError when it has a word that we do not know.

    `{common}` and `{combined}` may be part of it. Braces around anything but a word are as they are.
    """
    text = text.replace("{combined}", COMBINED).replace("{common}", COMMON)
    pieces = [_piece(number, part) for number, part in enumerate(_TOKEN.split(text)) if part]

    def write(finished: Finished) -> str:
        return "".join([piece if isinstance(piece, str) else piece(finished) for piece in pieces])

    return write


def _piece(number: int, part: str) -> str | Text:
    if number % 2 == 0:
        return part
    if part.startswith("/"):
        return EMPTY  # metadata of CoreDNS, of which there is none here
    word = part.lower() if part.startswith(">") else part
    if word not in TOKENS:
        raise UnknownTokenError(f"{{{part}}}")
    return TOKENS[word]


@lru_cache(maxsize=4096)
def _name(qname: bytes) -> str:
    return to_text(qname)


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _do(finished: Finished) -> str:
    edns = finished.request.query.edns
    return "true" if edns is not None and edns.do else "false"


def _bufsize(finished: Finished) -> str:
    """Return how many octets the client can take: over UDP what it says, and 512 at least, otherwise always all."""
    if finished.request.client.transport != "udp":
        return str(_MAX_TCP)
    edns = finished.request.query.edns
    return str(_PLAIN_UDP if edns is None else max(_PLAIN_UDP, edns.size))


@lru_cache(maxsize=256)
def flags_text(flags: int) -> str:
    """Return the flags of a header that are set, in the order in which they stand there."""
    return ",".join(text for bit, text in _FLAGS if flags & bit) or EMPTY


def seconds_text(seconds: float) -> str:
    """Return seconds in nanosecond steps without needless zeros: `0.000123s`."""
    return f"{seconds:.9f}".rstrip("0").rstrip(".") + "s"


TOKENS: dict[str, Text] = {
    "type": lambda finished: type_text(finished.request.query.qtype),
    "name": lambda finished: _name(finished.request.query.qname),
    "class": lambda finished: class_text(finished.request.query.qclass),
    "proto": lambda finished: finished.request.client.transport,
    "remote": lambda finished: _bracketed(finished.request.client.address),
    "local": lambda finished: _bracketed(finished.request.client.local_address),
    "size": lambda finished: str(finished.request.size),
    "port": lambda finished: str(finished.request.client.port),
    "duration": lambda finished: seconds_text(finished.seconds),
    "rcode": lambda finished: rcode_text(finished.reply.rcode),
    "rsize": lambda finished: str(finished.size),
    ">rflags": lambda finished: flags_text(finished.flags),
    ">bufsize": _bufsize,
    ">do": _do,
    ">id": lambda finished: str(int.from_bytes(finished.request.query.id)),
    ">opcode": lambda finished: str(finished.request.query.flags >> 11 & 0xF),
}
"""What each word in braces stands for; those with `>` are taken in any letter case."""
