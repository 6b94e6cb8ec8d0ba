"""What a hosts file says: an address and its names on each line, and `#` before a comment (RFC 952, RFC 1123 2.1)."""

import re
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address

import msgspec

from fedresolver.config.errors import shown
from fedresolver.wire.name import Name, from_labels

LONGEST_LINE = 65_536
"""Characters of a line that is read."""
_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?", re.IGNORECASE)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An address, packed, and its names."""

    address: bytes
    names: tuple[Name, ...]


class Contents(msgspec.Struct, frozen=True):
    """The entries of a file, how many lines are `wrong`, and the first of these: `file:line: what is wrong`."""

    entries: tuple[Entry, ...]
    wrong: int = 0
    first: str = ""


def read(text: str, file: str) -> Contents:
    """Return what the lines say; those that are wrong are left out."""
    entries, wrong, first = [], 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        try:
            words = _words(line)
            if words:
                entries.append(entry(words))
        except ValueError as error:
            wrong += 1
            first = first or f"{file}:{number}: {error}"
    return Contents(tuple(entries), wrong, first)


def _words(line: str) -> list[str]:
    if len(line) > LONGEST_LINE:
        raise ValueError(f"the line is longer than {LONGEST_LINE} characters")
    return line.partition("#")[0].split()


def entry(words: Sequence[str]) -> Entry:
    """Return the entry that is written as `ADDRESS NAME...`; ValueError says what is wrong with it."""
    address, *names = words
    packed = _address(address)
    if not names:
        raise ValueError(f"{shown(address)} has no name; write ADDRESS NAME...")
    return Entry(packed, tuple(map(_name, names)))


def _address(word: str) -> bytes:
    """Return an address, packed; the interface of a link-local one (`fe80::1%eth0`) is of no use to others.

    One of IPv4 that is written as one of IPv6 is what it is: nobody can be reached at it over IPv6.
    """
    try:
        address = ip_address(word)
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return (mapped or address).packed
    except ValueError:
        raise ValueError(f"{shown(word)} is no IP address") from None


def _name(word: str) -> Name:
    if not _NAME.fullmatch(word):
        right = "wildcards are not known here" if word.startswith("*.") else "write letters, digits, `-`, `_` and dots"
        raise ValueError(f"{shown(word)} is no host name; {right}")
    return from_labels(tuple(word.removesuffix(".").encode().split(b".")))
