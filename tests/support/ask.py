"""Asking a DNS server over real sockets: by octets, by dnspython, and by dig, two readers that are not ours."""

import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import dns.edns
import dns.flags
import dns.message
import dns.rdatatype

SECONDS = 5.0
"""How long an answer may take before a test fails."""
SILENCE = 0.2
"""How long nothing must come until it counts as silence; only where no later answer can prove it."""

Address = tuple[str, int]


def question(name: str, rtype: str = "A", **options: object) -> dns.message.Message:
    """Return a query as dnspython makes it: no EDNS and RD set, unless `options` say otherwise."""
    return dns.message.make_query(name, rtype, **options)


def raw(name: bytes, rtype: int = 1, rclass: int = 1, flags: int = 0, id: int = 0x1234, more: bytes = b"") -> bytes:
    """Return the octets of a query for a name in wire form; `more` follows the question, one additional record."""
    counts = (1, 0, 0, 1 if more else 0)
    return struct.pack("!6H", id, flags, *counts) + name + struct.pack("!2H", rtype, rclass) + more


def opt(size: int = 1232, options: bytes = b"", version: int = 0, do: bool = False) -> bytes:
    """Return an OPT record."""
    return struct.pack("!BHHBBHH", 0, 41, size, 0, version, 0x8000 if do else 0, len(options)) + options


def option(code: int, data: bytes) -> bytes:
    """Return an EDNS option."""
    return struct.pack("!2H", code, len(data)) + data


def wire(text: str) -> bytes:
    """Return a name in wire form, in the letter case that it is written in."""
    labels = [label.encode() for label in text.rstrip(".").split(".") if label]
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\0"


@contextmanager
def udp_socket(address: Address, source: Address | None = None) -> Iterator[socket.socket]:
    """Give a connected UDP socket: it takes answers from the very address that was asked, as resolvers do."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(SECONDS)
        if source:
            sock.bind(source)
        sock.connect(address)
        yield sock


def over_udp(address: Address, octets: bytes) -> bytes:
    """Return the answer to one datagram."""
    with udp_socket(address) as sock:
        sock.send(octets)
        return sock.recv(65535)


def is_dropped(address: Address, octets: bytes, then: bytes) -> bool:
    """Say whether a datagram gets no answer: that to `then`, sent after it, is the first to come."""
    with udp_socket(address) as sock:
        sock.send(octets)
        sock.send(then)
        first = sock.recv(65535)
        sock.settimeout(SILENCE)
        try:
            sock.recv(65535)
        except TimeoutError:
            return first[:2] == then[:2]
        return False


def framed(*messages: bytes) -> bytes:
    """Return messages as they stand in a TCP stream (RFC 1035 4.2.2)."""
    return b"".join(len(message).to_bytes(2) + message for message in messages)


@contextmanager
def connected(address: Address) -> Iterator[socket.socket]:
    """Give a TCP connection."""
    with socket.create_connection(address, SECONDS) as sock:
        yield sock


def receive(sock: socket.socket) -> bytes:
    """Return the next message of a TCP stream; EOFError when the other side has closed it."""
    return exactly(sock, int.from_bytes(exactly(sock, 2)))


def exactly(sock: socket.socket, count: int) -> bytes:
    """Return the next `count` octets."""
    found = bytearray()
    while len(found) < count:
        more = sock.recv(count - len(found))
        if not more:
            raise EOFError("the connection was closed")
        found += more
    return bytes(found)


def is_closed(sock: socket.socket) -> bool:
    """Say whether the other side ends the connection without another octet."""
    try:
        return sock.recv(1) == b""
    except ConnectionResetError:
        return True


def over_tcp(address: Address, octets: bytes) -> bytes:
    """Return the answer to one message on a connection of its own."""
    with connected(address) as sock:
        sock.sendall(framed(octets))
        return receive(sock)


def ask(address: Address, query: dns.message.Message, *, tcp: bool = False) -> dns.message.Message:
    """Return the answer to `query`, read by dnspython, which refuses octets that are left over."""
    exchange = over_tcp if tcp else over_udp
    response = dns.message.from_wire(exchange(address, query.to_wire()))
    assert query.is_response(response)
    return response


def addresses(response: dns.message.Message) -> set[str]:
    """Return the data of the A and AAAA records of the answer."""
    wanted = (dns.rdatatype.A, dns.rdatatype.AAAA)
    return {rr.to_text() for rrset in response.answer if rrset.rdtype in wanted for rr in rrset}


def dig(address: Address, *words: str) -> str:
    """Return what dig prints."""
    command = ("dig", f"@{address[0]}", "-p", str(address[1]), "+time=5", "+tries=1", *words)
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS * 2, check=False)
    return done.stdout


def queries(count: int) -> list[bytes]:
    """Return queries for names that differ, each with its number as ID."""
    return [raw(wire(f"{number}.example.org"), id=number) for number in range(count)]


def flood(sock: socket.socket, message: bytes) -> int:
    """Send a message again and again until the other side takes no more; return how often it went out whole."""
    sock.settimeout(SILENCE)
    octets, sent = framed(message) * 1000, 0
    try:
        for _ in range(3000):
            sent += sock.send(octets)
    except TimeoutError:
        return sent // len(framed(message))
    raise AssertionError("the server takes more than it answers")
