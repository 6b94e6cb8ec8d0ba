"""JSON: octets in, documents out. They stay text until it is known which of their parts are used.

Several documents may follow each other, as `kubectl get -o json >> file` leaves them.
"""

import re
from collections.abc import Hashable, Iterator
from functools import cache
from typing import TypeVar, cast

import msgspec

from fedresolver.watch.kube.flaw import DamageError

T = TypeVar("T")
_BLANK = b" \t\r\n"
_MALFORMED = re.compile(r"JSON is malformed: (.*) \(byte (\d+)\)")
_TRAILING = "trailing characters"


class List(msgspec.Struct):
    """An object that holds others."""

    items: list[msgspec.Raw] | None = None


class Json:
    """How JSON is read."""

    def documents(self, octets: bytes) -> Iterator[object]:
        """Return the documents of a text; DamageError ends it."""
        start = _skip_blanks(octets, 0)
        while start < len(octets):
            length = _length(octets, start)
            yield msgspec.Raw(octets[start : start + length])
            start = _skip_blanks(octets, start + length)

    def decode(self, document: object, shape: type[T]) -> T:
        """Return a part of a document as `shape`; msgspec.DecodeError when it has another."""
        return cast("T", _decoder(cast("Hashable", shape)).decode(cast("msgspec.Raw", document)))

    def items(self, document: object) -> list[object]:
        """Return what an object of kind List holds; msgspec.DecodeError when it is no list."""
        return cast("list[object]", self.decode(document, List).items or [])


@cache
def _decoder(shape: Hashable) -> "msgspec.json.Decoder[object]":
    """Return the decoder of a type, which takes a while to make."""
    return msgspec.json.Decoder(cast("type[object]", shape))


def _length(octets: bytes, start: int) -> int:
    """Return the octets of the document at `start`, with the blanks after it."""
    rest = memoryview(octets)[start:]
    try:
        _decoder(msgspec.Raw).decode(rest)
    except msgspec.DecodeError as error:
        match = _MALFORMED.fullmatch(str(error))
        if match is None:  # it was truncated
            raise DamageError("JSON ends too early", octets.count(b"\n") + 1) from error
        what, position = match[1], int(match[2])
        if what == _TRAILING:
            return position - 1  # msgspec has read the first character of the next document
        raise DamageError(f"JSON is malformed: {what}", octets.count(b"\n", 0, start + position) + 1) from error
    except RecursionError as error:
        raise DamageError("JSON is nested too deep", octets.count(b"\n", 0, start) + 1) from error
    return len(rest)


def _skip_blanks(octets: bytes, start: int) -> int:
    while start < len(octets) and octets[start] in _BLANK:
        start += 1
    return start
