"""What primaries send: messages of transfers, made by dnspython from lines of text."""

import struct
from collections.abc import Iterable

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import dns.tsig

HEADER = 12


def response(
    query: bytes,
    *lines: str,
    rcode: str = "NOERROR",
    question: bool = True,
    authoritative: bool = True,
    key: dns.tsig.Key | None = None,
) -> dns.message.Message:
    """Return a response with records as lines, `www.example.org. 60 A 192.0.2.1`, in their order.

    It is to be signed if there is a `key`, which the query must be signed with.
    """
    asked = dns.message.from_wire(query, keyring=key or False)
    message = dns.message.make_response(asked)
    if key is None:
        message.tsig = None
    message.set_rcode(dns.rcode.from_text(rcode))
    if authoritative:
        message.flags |= dns.flags.AA
    if not question:
        message.question.clear()
    for line in lines:
        owner, ttl, rtype, data = line.split(maxsplit=3)
        message.answer.append(dns.rrset.from_text(owner, int(ttl), "IN", rtype, data))
    return message


def octets(message: dns.message.Message) -> bytes:
    """Return a message in wire form."""
    return message.to_wire(max_size=65535)


def answer(query: bytes, *lines: str, **how: object) -> bytes:
    """Return such a response as octets."""
    return octets(response(query, *lines, **how))


def signed(query: bytes, parts: Iterable[Iterable[str]], key: dns.tsig.Key, skip: int = 0) -> list[bytes]:
    """Return the messages of a transfer, signed as RFC 8945 5.3.1 has it; after each with a signature `skip` have none."""
    context, made = None, []
    for number, lines in enumerate(parts):
        if number % (skip + 1):
            made.append(octets(response(query, *lines)))
            assert context is not None
            context.update(made[-1])
            continue
        message = response(query, *lines, key=key)
        made.append(message.to_wire(max_size=65535, multi=True, tsig_ctx=context))
        context = message.tsig_ctx
    return made


def bare(query: bytes, flags: int = 0x8400, counts: tuple[int, int, int] = (0, 0, 0), more: bytes = b"") -> bytes:
    """Return a response in which anything may be wrong."""
    question = query[HEADER : query.index(0, HEADER) + 5]
    return query[:2] + struct.pack("!5H", flags, 1, *counts) + question + more


def many(query: bytes, start: int, count: int) -> bytes:
    """Return a message with `count` addresses of different names of example.org, with names as short as can be."""
    parts = []
    for number in range(start, start + count):
        label = f"h{number:x}".encode()
        parts.append(bytes((len(label),)) + label + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + struct.pack("!I", number))
    return bare(query, counts=(count, 0, 0), more=b"".join(parts))
