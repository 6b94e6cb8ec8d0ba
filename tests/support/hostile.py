"""Responses of an upstream that lies or is broken, as octets; `LIES` has them by name.

None of them can be believed: what came before and after the lie is as it should be.
"""

import random
import struct
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import count, islice, pairwise
from typing import TypeAlias

from tests.support.ask import opt, wire

LARGEST = 65535
_HEADER = 12
_QNAME = b"\xc0\x0c"
_FARTHEST = 0x3FFF
_A, _CNAME, _NS, _TXT = 1, 5, 2, 16
_ADDRESS = b"\xc0\0\2\1"

Records: TypeAlias = Callable[[int], tuple[bytes, ...]]
"""Return records; the argument is where in the message the first of them begins."""


def record(owner: bytes, rtype: int, data: bytes) -> bytes:
    """Return a record of class IN with a TTL of a minute."""
    return owner + struct.pack("!HHIH", rtype, 1, 60, len(data)) + data


RIGHT = record(_QNAME, _A, _ADDRESS)


def question_of(query: bytes) -> bytes:
    """Return the question section of a query."""
    return query[_HEADER : query.index(0, _HEADER) + 5]


def response(
    query: bytes, *records: bytes, flags: int = 0x8180, counts: tuple[int, int, int] | None = None, more: bytes = b""
) -> bytes:
    """Return a response with records in its answer section, unless `counts` say otherwise, and octets behind them."""
    head = query[:2] + struct.pack("!5H", flags, 1, *(counts or (len(records), 0, 0)))
    return (head + question_of(query) + b"".join(records) + more)[:LARGEST]


def _filled(records: Iterator[bytes], start: int) -> tuple[bytes, ...]:
    """Return as many records as fit into a message."""
    found, size = [], start
    for one in records:
        size += len(one)
        if size > LARGEST:
            break
        found.append(one)
    return tuple(found)


def _label(number: int) -> bytes:
    text = f"{number:x}".encode()
    return bytes((len(text),)) + text


def chain(start: int) -> tuple[bytes, ...]:
    """Return a chain of CNAMEs that fills the message, and ends nowhere."""
    names = (_QNAME, *(_label(number) + _QNAME for number in range(8000)))
    return _filled((record(one, _CNAME, two) for one, two in pairwise(names)), start)


def pointers(start: int) -> tuple[bytes, ...]:
    """Return records whose owners point each to the one before, as far as pointers reach."""
    size = len(RIGHT)

    def owners() -> Iterator[bytes]:
        yield _QNAME
        for number in count():
            yield (0xC000 | min(start + number * size, _FARTHEST - (_FARTHEST - start) % size)).to_bytes(2)

    return _filled((record(owner, _TXT, _ADDRESS) for owner in owners()), start)


def strangers(start: int) -> tuple[bytes, ...]:
    """Return addresses of other names, as many as fit."""
    return _filled((record(wire(f"{number}.bank.example"), _A, b"\6\6\6\6") for number in count()), start)


def loops(start: int) -> tuple[bytes, ...]:
    """Return a loop of two CNAMEs."""
    there = b"\1x" + _QNAME
    return (record(_QNAME, _CNAME, there), record(there, _CNAME, _QNAME))


def long_loop(start: int) -> tuple[bytes, ...]:
    """Return a loop that is as long as the message, begun where it can be seen last."""
    *links, _ = chain(start)
    last = _label(len(links) - 2) + _QNAME
    return (*links[:-1], record(last, _CNAME, _QNAME))[::-1]


def texts(start: int) -> tuple[bytes, ...]:
    """Return one record of another type that nearly fills the message."""
    return (record(_QNAME, _TXT, (b"\xff" + b"x" * 255) * 255),)


@lru_cache(maxsize=256)
def _records(made: Records, start: int) -> tuple[bytes, ...]:
    return made(start)


def _of(made: Records) -> Callable[[bytes], bytes]:
    return lambda query: response(query, *_records(made, _HEADER + len(question_of(query))))


def _noise(query: bytes) -> bytes:
    return response(query, counts=(99, 99, 99), more=random.Random(1).randbytes(LARGEST))


LIES: dict[str, Callable[[bytes], bytes]] = {
    "cut-off": lambda query: response(query, RIGHT)[:-2],
    "too-long": lambda query: response(query, RIGHT, more=b"\0"),
    "counts": lambda query: response(query, RIGHT, counts=(0xFFFF, 0xFFFF, 0xFFFF)),
    "a-count": lambda query: response(query, RIGHT, counts=(2, 0, 0)),
    "itself": lambda query: response(query, record((0xC000 | _HEADER + len(question_of(query))).to_bytes(2), _A, b"")),
    "forward": lambda query: response(query, record(b"\xff\xff", _A, _ADDRESS)),
    "label-64": lambda query: response(query, record(b"\x40" + b"x" * 64 + b"\0", _A, _ADDRESS)),
    "name-300": lambda query: response(query, record((b"\x3b" + b"x" * 59) * 5 + b"\0", _A, _ADDRESS)),
    "rdlength": lambda query: response(query, RIGHT[:-6] + b"\xff\xff" + _ADDRESS),
    "not-there": lambda query: response(query, RIGHT, flags=0x8183),
    "referral": lambda query: response(query, record(wire("example"), _NS, wire("ns.example")), counts=(0, 1, 0)),
    "two-opts": lambda query: response(query, RIGHT, opt(), opt(), counts=(1, 0, 2)),
    "badvers": lambda query: response(query, opt()[:5] + b"\1" + opt()[6:], counts=(0, 0, 1)),
    "rcode-4095": lambda query: response(query, opt()[:5] + b"\xff" + opt()[6:], flags=0x818F, counts=(0, 0, 1)),
    "two-names": lambda query: response(
        query, record(_QNAME, _CNAME, b"\1x" + _QNAME), record(_QNAME, _CNAME, b"\1y" + _QNAME)
    ),
    "strangers": _of(lambda start: tuple(islice(strangers(start), 4))),
    "loops": _of(loops),
    "chain": _of(chain),
    "long-loop": _of(long_loop),
    "pointers": _of(pointers),
    "many-strangers": _of(strangers),
    "texts": _of(texts),
    "zeros": lambda query: response(query, counts=(0xFFFF, 0, 0), more=bytes(LARGEST)),
    "noise": _noise,
}
