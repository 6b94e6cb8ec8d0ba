"""Primaries that lie or are broken: messages that are no part of a zone, and transfers that do not end.

`LIES` has by name what answers a query, and what is said of it; `ENDLESS` what sends messages for ever.
"""

import struct
from collections.abc import AsyncIterator, Callable

from tests.support.ask import framed
from tests.support.primary import answer, bare, many
from tests.support.zone_records import NS, soa

WWW = "www.example.org. 60 A 192.0.2.1"
WWW_2 = "www.example.org. 60 A 192.0.2.2"
ZONE = (soa(1), NS, WWW)
SOA = b"\xc0\x0c\0\6\0\1\0\0\0\x3c\0\x18\xc0\x0c\xc0\x0c"
"""One without its numbers, in wire form."""

LIES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "another ID": (lambda query: b"\0\0" + answer(query, *ZONE)[2:], "another ID"),
    "a query": (lambda query: query, "no answer to a query"),
    "another opcode": (lambda query: bare(query, 0xA400), "no answer to a query"),
    "truncated": (lambda query: bare(query, 0x8600), "truncated"),
    "another question": (lambda query: answer(query, *ZONE).replace(b"\7example", b"\7exampel", 1), "another question"),
    "two questions": (lambda query: bare(query)[:4] + b"\0\2" + bare(query)[6:], "another question"),
    "no question": (lambda query: answer(query, *ZONE, question=False), "without the question"),
    "no record": (lambda query: answer(query), "without a record"),
    "refused": (lambda query: answer(query, rcode="REFUSED"), "answers REFUSED to AXFR"),
    "not ours": (lambda query: answer(query, rcode="NOTAUTH"), "answers NOTAUTH to AXFR"),
    "a header": (lambda query: query[:11], "another ID"),
    "cut off": (lambda query: answer(query, *ZONE)[:-1], "reaches beyond"),
    "cut in a header": (lambda query: bare(query, counts=(1, 0, 0), more=b"\xc0\x0c\0"), "ends too early"),
    "octets behind": (lambda query: answer(query, *ZONE) + b"\0", "octets after the last record"),
    "too many counted": (lambda query: bare(query, counts=(65535, 65535, 65535)), "ends too early"),
    "class CH": (lambda query: bare(query, counts=(1, 0, 0), more=b"\xc0\x0c\0\1\0\3" + bytes(6)), "of class CH"),
    "OPT": (lambda query: bare(query, counts=(1, 0, 0), more=b"\0\0\x29\0\1" + bytes(6)), "of type OPT"),
    "ANY": (lambda query: bare(query, counts=(1, 0, 0), more=b"\0\0\xff\0\1" + bytes(6)), "of type ANY"),
    "forward": (lambda query: bare(query, counts=(1, 0, 0), more=b"\xff\xff" + bytes(10)), "does not lead back"),
    "short SOA": (
        lambda query: bare(query, counts=(1, 0, 0), more=b"\xc0\x0c\0\6\0\1\0\0\0\0\0\2\0\0"),
        "does not end where",
    ),
    "no SOA": (lambda query: answer(query, NS, WWW), "before the SOA"),
    "an A of three": (
        lambda query: bare(query, counts=(1, 0, 0), more=b"\xc0\x0c\0\1\0\1\0\0\0\0\0\3abc"),
        "A record of 3 octets",
    ),
    "more behind": (lambda query: answer(query, *ZONE, soa(1), WWW_2), "behind the last SOA"),
    "two versions": (lambda query: answer(query, *ZONE, soa(2)), "an SOA of serial 2"),
}


async def endless(query: bytes) -> AsyncIterator[bytes]:
    yield framed(answer(query, soa(9), NS))
    number = 0
    while True:
        yield framed(many(query, number, 1000))
        number += 1000


async def endless_same(query: bytes) -> AsyncIterator[bytes]:
    """Always the same records: the zone does not grow, but it does not end."""
    yield framed(answer(query, soa(9), NS))
    while True:
        yield framed(many(query, 0, 1000))


async def endless_others(query: bytes) -> AsyncIterator[bytes]:
    yield framed(answer(query, soa(9), NS))
    others = framed(answer(query, *(f"h{number}.example.net. 60 A 192.0.2.1" for number in range(500))))
    while True:
        yield others


async def endless_bombs(query: bytes) -> AsyncIterator[bytes]:
    """Messages in which each record is 500 octets long by way of two pointers."""
    yield framed(answer(query, soa(9), NS))
    label = b"\x3f" + b"x" * 63
    start = 12 + 13 + 4
    first = label * 3 + b"\xc0\x0c" + b"\0\2\0\1\0\0\0\0\0\2\xc0\x0c"
    others = b"\xc0" + bytes((start,)) + b"\0\2\0\1\0\0\0\0\0\2\xc0" + bytes((start,))
    assert len(others) == 14
    bomb = framed(bare(query, counts=(4001, 0, 0), more=first + others * 4000))
    while True:
        yield bomb


async def endless_differences(query: bytes) -> AsyncIterator[bytes]:
    """Steps that change nothing but the serial."""
    yield framed(answer(query, soa(0x7FFFFFFF), soa(1)))
    serial = 2
    while True:
        steps = b"".join(
            SOA + struct.pack("!5I", number, 1, 1, 1, 1) for number in range(serial, serial + 500) for _ in "ab"
        )
        yield framed(bare(query, counts=(1000, 0, 0), more=steps))
        serial += 500


ENDLESS: dict[str, Callable[[bytes], AsyncIterator[bytes]]] = {
    "records": endless,
    "the same records": endless_same,
    "records of others": endless_others,
    "long names by pointers": endless_bombs,
    "differences": endless_differences,
}
