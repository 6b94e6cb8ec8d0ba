r"""Domain names as octets: the uncompressed wire form in small letters.

`b"\x03www\x07example\x03org\x00"` compares, hashes and slices at the speed of bytes, and may hold any octet in a
label (RFC 2181 11). Lower-casing the whole wire form is safe: a length octet is at most 63, below `A`.
"""

from typing import NewType

from fedresolver.wire.error import FormatError

Name = NewType("Name", bytes)
"""An absolute domain name in wire form, in small letters, with the final zero octet."""

ROOT = Name(b"\0")
MAX_NAME = 255
MAX_LABEL = 63
_POINTER = 0xC0
_ESCAPED = frozenset(b'"().;\\@$')


def from_labels(labels: tuple[bytes, ...]) -> Name:
    """Return the absolute name made of `labels`; FormatError when a label or the name is too long or empty."""
    for label in labels:
        if not 0 < len(label) <= MAX_LABEL:
            raise FormatError(f"label of {len(label)} octets; a label has 1 to {MAX_LABEL} (RFC 1035 2.3.4)")
    octets = prefix(labels) + ROOT
    if len(octets) > MAX_NAME:
        raise FormatError(f"name of {len(octets)} octets; a name has at most {MAX_NAME} (RFC 1035 2.3.4)")
    return Name(octets.lower())


def prefix(labels: tuple[bytes, ...]) -> bytes:
    """Return `labels` in wire form without a final zero: what stands before a name."""
    return b"".join(bytes((len(label),)) + label for label in labels)


def from_text(text: str) -> Name:
    r"""Return the name written as `text`, with or without the final dot; `\DDD` and `\X` escape (RFC 1035 5.1)."""
    if text == ".":
        return ROOT
    return from_labels(tuple(_labels_of_text(text)))


def _labels_of_text(text: str) -> list[bytes]:
    octets = text.encode("utf-8", "surrogateescape")
    labels = [bytearray()]
    position = 0
    while position < len(octets):
        octet = octets[position]
        position += 1
        if octet == ord("."):
            labels.append(bytearray())
            continue
        if octet == ord("\\"):
            octet, position = _escape(octets, position)
        labels[-1].append(octet)
    if not labels[-1]:
        labels.pop()
    return [bytes(label) for label in labels] or [b""]


def _escape(octets: bytes, position: int) -> tuple[int, int]:
    digits = octets[position : position + 3]
    if len(digits) == 3 and digits.isdigit() and int(digits) < 256:
        return int(digits), position + 3
    if position < len(octets) and not octets[position : position + 1].isdigit():
        return octets[position], position + 1
    raise FormatError("bad escape in a name; write \\DDD (000 to 255) or \\X")


def labels(name: bytes) -> tuple[bytes, ...]:
    """Return the labels of a name in wire form, from the left, without the root."""
    found = []
    position = 0
    while length := name[position]:
        position += 1
        found.append(name[position : position + length])
        position += length
    return tuple(found)


def starts(name: bytes) -> tuple[int, ...]:
    """Return where each label of `name` begins, from the left, and last where the root stands."""
    found = [0]
    position = 0
    while length := name[position]:
        position += 1 + length
        found.append(position)
    return tuple(found)


def name_end(octets: bytes, position: int = 0) -> int:
    """Return where the name at `position` ends; a pointer ends it, and is not followed. IndexError where it goes on."""
    while length := octets[position]:
        if length >= _POINTER:
            return position + 2
        position += 1 + length
    return position + 1


def above(name: bytes) -> bytes:
    """Return the name above one that is not the root."""
    return name[1 + name[0] :]


def parents(name: Name) -> tuple[Name, ...]:
    """Return `name` and every name above it, the root last."""
    return tuple(Name(name[start:]) for start in starts(name))


def is_below(name: Name, zone: Name) -> bool:
    """Say whether `name` is `zone` or below it; label borders count, equal octets inside a label do not."""
    return len(name) >= len(zone) and name.endswith(zone) and len(name) - len(zone) in starts(name)


def to_text(name: bytes) -> str:
    r"""Return `name` as master file text with a final dot; what is not printable ASCII becomes `\DDD`."""
    return ".".join(_label_to_text(label) for label in labels(name)) + "."


def _label_to_text(label: bytes) -> str:
    return "".join(_octet_to_text(octet) for octet in label)


def _octet_to_text(octet: int) -> str:
    if octet in _ESCAPED:
        return "\\" + chr(octet)
    return chr(octet) if 0x21 <= octet <= 0x7E else f"\\{octet:03d}"
