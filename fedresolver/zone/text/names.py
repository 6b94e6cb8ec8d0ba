r"""Names as a master file writes them: `@`, relative ones, and escapes (RFC 1035 5.1)."""

import re

from fedresolver.wire.error import FormatError
from fedresolver.wire.name import MAX_LABEL, MAX_NAME
from fedresolver.zone.text.word import shown, unescaped

_MOST_KNOWN = 1 << 14
_LENGTH = tuple(bytes((length,)) for length in range(MAX_LABEL + 1))
_PIECE = re.compile(rb"(?:[^.\\]|\\.)++|\.", re.DOTALL)


class Names:
    """Reads names that are relative to `origin`, a name in wire form whose case is kept."""

    def __init__(self, origin: bytes) -> None:
        self.origin = origin
        self._known = {b"@": origin, b".": b"\0"}

    def wire(self, word: bytes) -> bytes:
        """Return a name as uncompressed octets, in the case as it is written; FormatError when it is none."""
        known = self._known.get(word)
        if known is not None:
            return known
        if len(self._known) >= _MOST_KNOWN:
            self._known = {b"@": self.origin, b".": b"\0"}
        name = self._known[word] = self._read(word)
        return name

    def _read(self, word: bytes) -> bytes:
        if word.startswith(b'"'):
            raise FormatError(f"{shown(word)} is no name; a name stands without quotes")
        labels = _split(word) if b"\\" in word else word.split(b".")
        end = self.origin if labels[-1] else b"\0"
        if not labels[-1]:
            labels.pop()
        pieces = []
        for label in labels:
            if not 0 < len(label) <= MAX_LABEL:
                raise FormatError(_bad_label(word, label))
            pieces.append(_LENGTH[len(label)] + label)
        name = b"".join(pieces) + end
        if len(name) > MAX_NAME:
            right = f"a name has at most {MAX_NAME} (a name that does not end with a dot is completed by the origin)"
            raise FormatError(f"{shown(word)} becomes a name of {len(name)} octets; {right}")
        return name


def _split(word: bytes) -> list[bytes]:
    labels = [b""]
    for piece in _PIECE.findall(word):
        if piece == b".":
            labels.append(b"")
        else:
            labels[-1] = unescaped(piece)
    return labels


def _bad_label(word: bytes, label: bytes) -> str:
    if label:
        return f"{shown(word)} has a label of {len(label)} octets; a label has at most {MAX_LABEL}"
    return f"{shown(word)} has an empty label; write one dot between labels, and none before the first"
