"""Query messages as octets: those asked again and again, and those never asked twice."""

import secrets
from collections.abc import Callable, Iterator

import dns.edns
import dns.message
import dns.name

from bench.truth import SUFFIX
from bench.world import WALKED

HEADER = 12
QUESTION_TAIL = 4
COOKIE = 8
LETTER_CASE = 0x20
ABSENT = "p" * 16
ABSENT_BITS = 0x07
"""`p` with other low three bits is one of p to w: 48 random bits in a label of 16."""

Queries = Callable[[int], Iterator[bytes]]
"""Give a number of messages; their ID is zero, for the load generator writes its own."""


def query(name: str) -> dns.message.QueryMessage:
    """Return a query for the A records of a name, with ID 0 and without EDNS."""
    return dns.message.make_query(name, "A", id=0)


def local(names: int) -> Queries:
    """Return queries for the first `names` Services, each once."""
    return lambda _: (query(f"svc-{number:05}.{SUFFIX}").to_wire() for number in range(1, names + 1))


def walk(_: int) -> Iterator[bytes]:
    """Give the query for the Service that has no ready endpoint here."""
    yield query(f"{WALKED}.{SUFFIX}").to_wire()


def absent(count: int) -> Iterator[bytes]:
    """Give queries for names that do not exist, no two alike."""
    return unlike(query(f"{ABSENT}.{SUFFIX}"), count)


def unlike(asked: dns.message.QueryMessage, count: int) -> Iterator[bytes]:
    """Give a query whose first label is `ABSENT` with others in its place, no two alike."""
    message = asked.to_wire()
    bits = bytearray(len(message))
    bits[HEADER + 1 : HEADER + 1 + len(ABSENT)] = bytes([ABSENT_BITS]) * len(ABSENT)
    return scrambled([message], bits, count)


def outside(names: int) -> Queries:
    """Return queries for so many names outside the federation, each once."""
    return lambda _: (query(f"www.site-{number:04}.example.net.").to_wire() for number in range(1, names + 1))


def never_asked(count: int) -> Iterator[bytes]:
    """Give queries for names outside the federation, no two alike."""
    return unlike(query(f"{ABSENT}.example.net."), count)


def cookies(count: int) -> Iterator[bytes]:
    """Give queries for one name with a random client cookie each (RFC 7873)."""
    asked = query(f"svc-00001.{SUFFIX}")
    asked.use_edns(edns=0, payload=1232, options=[dns.edns.GenericOption(dns.edns.COOKIE, bytes(COOKIE))])
    message = asked.to_wire()
    bits = bytearray(len(message))
    bits[-COOKIE:] = b"\xff" * COOKIE
    return scrambled([message], bits, count)


def letter_case(names: int) -> Queries:
    """Return queries for the first `names` Services, each letter large or small at random (0x20)."""

    def give(count: int) -> Iterator[bytes]:
        messages = list(local(names)(0))
        first = messages[0]
        bits = bytearray(len(first))
        for i in range(HEADER, len(first) - QUESTION_TAIL):
            bits[i] = LETTER_CASE if first[i : i + 1].isalpha() else 0
        return scrambled(messages, bits, count)

    return give


def scrambled(messages: list[bytes], bits: bytes | bytearray, count: int) -> Iterator[bytes]:
    """Give `count` of the messages in turn, all of one length, with the marked bits turned at random."""
    length = len(bits)
    mask = int.from_bytes(bits)
    numbers = [int.from_bytes(message) for message in messages]
    turns = len(numbers)
    for i in range(count):
        random = int.from_bytes(secrets.token_bytes(length))
        yield (numbers[i % turns] ^ (random & mask)).to_bytes(length)
