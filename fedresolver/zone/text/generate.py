r"""`$GENERATE` of BIND: one line that stands for many records.

    $GENERATE 1-254 host-$ A 192.0.2.$
    $GENERATE 0-30/2 ${0,3,d} PTR p-${1}.example.org.

In a word `$` is the number, `${OFFSET,WIDTH,BASE}` the number plus OFFSET with at least WIDTH digits, in BASE d
(decimal), o (octal), x or X (hexadecimal), n or N (hexadecimal digits as labels, the last one first). `\$` stays as it
is, and `$$` is `$`. Data that is one word in quotes is what stands in the quotes, as BIND has it: `"10 mail-$"` are two
words, and `"\"a b\""` is a string.
"""

import re
from collections.abc import Sequence

from fedresolver.wire.error import FormatError
from fedresolver.zone.text.lexer import Attached, entries
from fedresolver.zone.text.mnemonic import type_number
from fedresolver.zone.text.word import shown

MAX_GENERATED = 65_536
"""How many records one `$GENERATE` may make."""

USAGE = "$GENERATE START-STOP[/STEP] OWNER [TTL] [IN] TYPE DATA"
_QUOTE = ord('"')
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_MOST = (1 << 31) - 1
_WIDEST = 255
_MOST_PLACES = 1000
_RANGE = re.compile(rb"([0-9]{1,10})-([0-9]{1,10})(?:/([0-9]{1,10}))?")
_PLACE = re.compile(rb"\\.|\$\$|\$\{[^}]*\}?|\$", re.DOTALL)
_FORMAT = re.compile(rb"\$\{([-+]?[0-9]{1,10})(?:,([0-9]{1,3})(?:,([doxXnN]))?)?\}")


def numbers(word: bytes) -> range:
    """Return the numbers of `START-STOP[/STEP]`; FormatError when they are none or too many."""
    found = _RANGE.fullmatch(word)
    if found is None:
        raise FormatError(f"{shown(word)} is no range of numbers; write START-STOP or START-STOP/STEP, as `1-254`")
    start, stop, step = int(found[1]), int(found[2]), int(found[3] or 1)
    if start > stop or stop > _MOST or not 0 < step <= _MOST:
        raise FormatError(f"{shown(word)} is no range; START is at most STOP, STEP at least 1, all below 2^31")
    if len(whole := range(start, stop + 1, step)) > MAX_GENERATED:
        raise FormatError(f"{shown(word)} makes {len(whole)} records; one `$GENERATE` makes at most {MAX_GENERATED}")
    return whole


def template(written: Sequence[bytes]) -> Sequence[bytes]:
    """Return the owner, TTL, class, type and data that a line has behind its range, with all words of the data.

    FormatError when it has too many places for the number, or quoted data that is not in order.
    """
    if (places := sum(word.count(b"$") for word in written)) > _MOST_PLACES:
        raise FormatError(f"{places} places for the number; one line has at most {_MOST_PLACES}")
    last = written[-1]
    is_data = len(written) > 2 and type_number(written[-2]) is not None
    if not is_data or last[0] != _QUOTE or any(type_number(word) is not None for word in written[1:-2]):
        return written
    return [*written[:-1], *_words(_ESCAPED.sub(_unquoted, last[1:-1]))]


def _unquoted(escape: re.Match[bytes]) -> bytes:
    return b'"' if escape[0] == b'\\"' else escape[0]


def _words(octets: bytes) -> list[bytes]:
    def fault(line: int, what: str) -> None:
        raise FormatError(f"in the quoted data: {what}")

    found = list(entries(octets, fault, lambda: None))
    if len(found) > 1:
        fault(found[1].line, "it goes on in another line; write it in one")
    return found[0].words if found else []


def words(template: Sequence[bytes], number: int) -> list[bytes]:
    """Return the words of a record for one number; FormatError for a bad `${...}`."""
    return [_filled(word, number) for word in template]


def _filled(word: bytes, number: int) -> bytes:
    if b"$" not in word:
        return word
    filled = _PLACE.sub(lambda place: _text(place, number), word)
    return Attached(filled) if isinstance(word, Attached) else filled


def _text(place: re.Match[bytes], number: int) -> bytes:
    written = place[0]
    if written == b"$":
        return b"%d" % number
    if written == b"$$":
        return b"$"
    return _formatted(written, number) if written.startswith(b"${") else written


def _formatted(written: bytes, number: int) -> bytes:
    found = _FORMAT.fullmatch(written)
    width = int(found[2] or 0) if found else 0
    if found is None or width > _WIDEST:
        right = "write ${OFFSET}, ${OFFSET,WIDTH} or ${OFFSET,WIDTH,BASE} with BASE one of d o x X n N"
        raise FormatError(f"{shown(written)} is no place for a number; {right}")
    moved, base = number + int(found[1]), (found[3] or b"d").decode()
    if moved < 0 and base != "d":
        raise FormatError(f"{shown(written)} makes {number} negative; only the base d may be")
    return (_nibbles(moved, width, base) if base in "nN" else format(moved, f"0{width}{base}")).encode()


def _nibbles(number: int, width: int, base: str) -> str:
    """Return hexadecimal digits as labels, the last one first; `width` counts the dots too, and may end with one."""
    text = ".".join(reversed(format(number, "x" if base == "n" else "X")))
    return text + (".0" * width)[: max(0, width - len(text))]
