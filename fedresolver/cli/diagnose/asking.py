"""One question over a socket, and what comes back."""

import os
import socket
import time

from fedresolver.cli.diagnose.address import Address
from fedresolver.cli.diagnose.heard import Heard, Reply, Silence
from fedresolver.wire.asking import ask, question_of
from fedresolver.wire.const import AA, Type, rcode_text
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import Name, from_text, starts, to_text
from fedresolver.wire.query import Query, question
from fedresolver.wire.received import ResponseError, is_answer_to, read_response

SECONDS = 2.0
"""How long an answer may take; a datagram is sent twice in that time."""
_TRIES = 2
_LARGEST = 65_535
_OPT = b"\0\0\x29"


def heard(address: Address, name: str, qtype: Type, *, tcp: bool = False) -> Heard:
    """Return what the server at `address` answers to a question with EDNS."""
    query = question(from_text(name), qtype)
    identity = os.urandom(2)
    message = ask(identity, query)
    try:
        octets = (_over_tcp if tcp else _over_udp)(address, message, query)
    except TimeoutError:
        return Silence(f"no answer in {SECONDS:g}s")
    except OSError as error:
        return Silence(error.strerror or str(error))
    return _read(octets, query)


def _over_udp(address: Address, message: bytes, query: Query) -> bytes:
    """Return the answer; what else comes is left alone."""
    with socket.socket(_family(address), socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        for _ in range(_TRIES):
            sock.send(message)
            until = time.monotonic() + SECONDS / _TRIES
            while (left := until - time.monotonic()) > 0:
                sock.settimeout(left)
                try:
                    octets = sock.recv(_LARGEST)
                except TimeoutError:
                    break
                if is_answer_to(octets, message[:2], question_of(query), exact=False):
                    return octets
    raise TimeoutError


def _over_tcp(address: Address, message: bytes, query: Query) -> bytes:
    with socket.create_connection(address, SECONDS) as sock, sock.makefile("rb") as stream:
        sock.sendall(len(message).to_bytes(2) + message)
        length = int.from_bytes(stream.read(2))
        octets = stream.read(length)
    if not is_answer_to(octets, message[:2], question_of(query), exact=False):
        raise ConnectionAbortedError(0, "the connection is closed without an answer")
    return octets


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


def _read(octets: bytes, query: Query) -> Reply:
    authoritative = bool(int.from_bytes(octets[2:4]) & AA)
    try:
        received = read_response(octets, query)
    except ResponseError as error:
        return Reply(rcode=rcode_text(octets[3] & 0xF), authoritative=authoritative, odd=str(error))
    soas = [one.rdatas[0] for one in received.answer if one.rtype == Type.SOA]
    return Reply(
        rcode=rcode_text(received.rcode),
        authoritative=authoritative,
        soa=_responsible(soas[0]) if soas else "",
        size=_size(octets) if received.has_opt else None,
    )


def _responsible(soa: bytes) -> str:
    """Return who the data of an SOA says is responsible: its first two names, and not the serial, which changes."""
    try:
        first = Name(soa[: starts(soa)[-1] + 1])
        second = Name(soa[len(first) : len(first) + starts(soa[len(first) :])[-1] + 1])
    except (FormatError, IndexError):
        return ""
    return f"{to_text(first)} {to_text(second)}"


def _size(octets: bytes) -> int:
    """Return what the OPT record of a message that was read says may be sent (RFC 6891 6.1.2)."""
    place = octets.rindex(_OPT) + len(_OPT)
    return int.from_bytes(octets[place : place + 2])
