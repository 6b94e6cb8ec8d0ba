"""The words for types and classes (RFC 3597 5 among them)."""

import difflib
import re
from collections.abc import Iterable
from types import MappingProxyType

from fedresolver.wire.error import FormatError
from fedresolver.zone.text.library import TYPES
from fedresolver.zone.text.word import shown

_RIGHT = "write OWNER [TTL] [IN] TYPE DATA"
_SHORT, _LONG = 3, 32
_MOST = 65535
_NUMBERED = re.compile(rb"TYPE([0-9]{1,5})")
_CLASSES = frozenset((b"IN", b"CH", b"CS", b"HS", b"ANY", b"NONE"))
_NUMBERED_CLASS = re.compile(rb"CLASS[0-9]{1,5}")
_IN = (b"IN", b"CLASS1")
_META = frozenset((0, 41, *range(128, 256)))  # OPT, and what RFC 6895 3.1 sets aside for questions
_EXACT = MappingProxyType({name.encode(): number for name, number in TYPES.items()})


def type_number(word: bytes) -> int | None:
    """Return the number of a type from its word, in any case; None when it is no type. FormatError for QTYPEs."""
    found = _EXACT.get(word)
    if found is None:
        found = _other(word.upper())
    if found in _META:
        raise FormatError(f"{shown(word)} is no type of records; it stands in questions and messages only")
    return found


def _other(word: bytes) -> int | None:
    if word in _EXACT:
        return _EXACT[word]
    numbered = _NUMBERED.fullmatch(word)
    return int(numbered[1]) if numbered and int(numbered[1]) <= _MOST else None


def is_class(word: bytes) -> bool:
    """Say whether a word is a class; FormatError when it is one but not IN."""
    name = word.upper()
    if name in _IN:
        return True
    if name in _CLASSES or _NUMBERED_CLASS.fullmatch(name):
        raise FormatError(f"class {shown(word)} is not served; write `IN`, or leave the class out")
    return False


def unknown(word: bytes) -> str:
    """Return what an error says of a word where a type should be."""
    known = [name for name, number in TYPES.items() if number not in _META]
    if word[:1].isdigit():
        return f"{shown(word)} is neither a TTL, as `3600` or `1h30m`, nor a type; {_RIGHT}"
    return f"{shown(word)} is no type of records; {near(word, known) or _RIGHT}"


def near(word: bytes, known: Iterable[str]) -> str:
    """Return "did you mean `X`?" when X of `known`, all in capitals, is close to `word`; empty when none is."""
    if len(word) < _SHORT:
        return ""
    found = difflib.get_close_matches(word[:_LONG].decode("latin-1").upper(), known, n=1)
    return f"did you mean `{found[0]}`?" if found else ""
