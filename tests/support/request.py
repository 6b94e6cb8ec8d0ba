"""Requests, replies and finished answers from text."""

import asyncio
from ipaddress import ip_address

from fedresolver.chain.handler import Client, Handler, Reply, Request
from fedresolver.chain.plugin import Finished
from fedresolver.wire.const import Type
from fedresolver.wire.name import from_text, starts
from fedresolver.wire.query import Edns, Query
from fedresolver.wire.rr import RRset, addresses


def request(
    text: str = "www.example.org A",
    client: str = "192.0.2.7",
    port: int = 40212,
    transport: str = "udp",
    zone: str = ".",
    edns: Edns | None = None,
    size: int = 41,
) -> Request:
    """Return the request for a name and a type, `www.example.org A`."""
    name, mnemonic = text.split()
    qname, qtype = from_text(name), Type[mnemonic]
    question = qname + qtype.to_bytes(2) + b"\0\1"
    query = Query(b"\x71\x50", 0x0100, question, qname, starts(qname), qtype, 1, edns)
    who = Client(client, port, transport, "2001:db8::53" if ":" in client else "192.0.2.53", 53)
    return Request(query, who, from_text(zone), size, 0.0)


def number_of(mnemonic: str) -> int:
    """Return the number of a type."""
    return int(Type[mnemonic])


def records(*texts: str, owner: str = "www.example.org", ttl: int = 5) -> tuple[RRset, ...]:
    """Return the A and AAAA RRsets of addresses."""
    return addresses(from_text(owner), ttl, tuple(ip_address(text).packed for text in texts))


def answering(reply: Reply | Exception) -> Handler:
    """Return a handler that always answers `reply`, or raises it."""

    async def handle(request: Request) -> Reply:
        if isinstance(reply, Exception):
            raise reply
        return reply

    return handle


def ask(handler: Handler, question: Request | None = None) -> Reply:
    """Return what a handler answers."""
    return asyncio.run(_awaited(handler, question or request()))


async def _awaited(handler: Handler, question: Request) -> Reply:
    return await handler(question)


def finished(
    reply: Reply | None = None,
    question: Request | None = None,
    flags: int = 0x8500,
    size: int = 68,
    seconds: float = 0.000123,
) -> Finished:
    """Return an answer as observers are shown it."""
    return Finished(question or request(), reply or Reply(), flags, size, seconds)
