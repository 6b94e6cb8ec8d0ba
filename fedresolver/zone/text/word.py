r"""One word to its value: escapes, character strings, numbers and TTLs. FormatError says what would be right."""

import re

from fedresolver.config import errors
from fedresolver.wire.error import FormatError

MAX_STRING = 255
MAX_TTL = (1 << 31) - 1
"""The longest TTL (RFC 2181 8); one above it counts as 0."""

_MAX_U32 = (1 << 32) - 1
_DIGITS = 10
_ESCAPE = re.compile(rb"\\([0-9]{3}|.)", re.DOTALL)
_TTL = re.compile(rb"[0-9]{1,10}|(?:[0-9]{1,10}[smhdw])+", re.IGNORECASE)
_TERM = re.compile(rb"([0-9]+)([smhdw])")
_SECONDS = {b"s": 1, b"m": 60, b"h": 3600, b"d": 86400, b"w": 604800}


def shown(word: bytes) -> str:
    """Return a word as errors show it."""
    return errors.shown(word[:MAX_STRING].decode("utf-8", "backslashreplace"))


def unescaped(word: bytes) -> bytes:
    r"""Return the octets that a word without quotes stands for: `\DDD` is an octet, `\X` is X itself."""
    return _ESCAPE.sub(_octet, word) if b"\\" in word else word


def _octet(escape: re.Match[bytes]) -> bytes:
    meant = escape[1]
    if not meant[:1].isdigit():
        return meant
    if len(meant) == 3 and int(meant) <= 255:
        return bytes((int(meant),))
    raise FormatError(f"{shown(escape[0])} is no octet; write `\\000` to `\\255`, or `\\X` for a character X")


def value(word: bytes) -> bytes:
    """Return the octets of a word that may be quoted."""
    return unescaped(word[1:-1] if word[0] == ord('"') else word)


def string(word: bytes) -> bytes:
    """Return a character string with its length (RFC 1035 3.3)."""
    octets = value(word)
    if len(octets) > MAX_STRING:
        right = f'a string has at most {MAX_STRING}, so write it as several: `"first part" "second part"`'
        raise FormatError(f"{shown(word)} has {len(octets)} octets; {right}")
    return bytes((len(octets),)) + octets


def number(word: bytes, most: int) -> int:
    """Return a whole number from 0 to `most`."""
    if word.isdigit() and len(word) <= _DIGITS and (found := int(word)) <= most:
        return found
    raise FormatError(f"{shown(word)} is no number from 0 to {most}")


def is_ttl(word: bytes) -> bool:
    """Say whether a word has the form of a TTL, `3600` or `1h30m`."""
    return word[0] in b"0123456789" and _TTL.fullmatch(word) is not None


def seconds(word: bytes) -> int:
    """Return the seconds of a time, `3600` or `1h30m`, from 0 to 2^32 - 1."""
    if not is_ttl(word):
        raise FormatError(f"{shown(word)} is no time; write seconds, or `1h30m` with the units s, m, h, d and w")
    if word.isdigit():
        found = int(word)
    else:
        found = sum(int(amount) * _SECONDS[unit] for amount, unit in _TERM.findall(word.lower()))
    if found > _MAX_U32:
        raise FormatError(f"{shown(word)} is too long; the longest time is {_MAX_U32} seconds")
    return found
