"""Asking without dig: one query over a UDP socket, and as much of the response as the demo shows."""

import asyncio
import secrets
import socket
import struct
from ipaddress import ip_address

from fedresolver.cli.demo.answer import NO_ANSWER, Answer, Record
from fedresolver.wire.const import ADDRESS_TYPES, CLASS_IN, RD, Type, rcode_text, type_text
from fedresolver.wire.error import FormatError
from fedresolver.wire.name import from_labels, from_text, to_text
from fedresolver.wire.query import HEADER

_SECONDS = 2.0
_SIZE = 1232
_OPT = b"\0" + struct.pack("!2HIH", Type.OPT, _SIZE, 0, 0)
_EDE = 15
_POINTER = 0xC0


class Client:
    """Asks the server at `host` and `port`, waiting at most two seconds.

    `recursive` is whether it may ask others (RD).
    """

    def __init__(self, port: int, host: str = "127.0.0.1", *, recursive: bool = False) -> None:
        self._address = (host, port)
        self._flags = RD if recursive else 0

    async def __call__(self, qname: str) -> Answer:
        """Return the answer to `qname` A, NO_ANSWER when none came that can be read."""
        number = secrets.token_bytes(2)
        question = from_text(qname) + struct.pack("!2H", Type.A, CLASS_IN)
        query = number + struct.pack("!5H", self._flags, 1, 0, 0, 1) + question + _OPT
        try:
            return read(await asyncio.wait_for(self._exchange(query), _SECONDS))
        except (TimeoutError, OSError, FormatError):
            return NO_ANSWER

    async def _exchange(self, query: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)
            asking.connect(self._address)
            await loop.sock_sendall(asking, query)
            while True:
                response = await loop.sock_recv(asking, _SIZE)
                if response[:2] == query[:2]:
                    return response


def read(message: bytes) -> Answer:
    """Return the answer in a response to one question; FormatError when it is cut short or points forward."""
    try:
        return _read(message)
    except (IndexError, struct.error) as error:
        raise FormatError("the response ends too early") from error


def _read(message: bytes) -> Answer:
    _, flags, _, answers, authorities, additionals = struct.unpack_from("!6H", message)
    _, position = _name(message, HEADER)
    position += 4
    records, why = [], ""
    for number in range(answers + authorities + additionals):
        owner, position = _name(message, position)
        rtype, _, ttl, length = struct.unpack_from("!2HIH", message, position)
        position += 10
        if number < answers:
            records.append(Record(owner, ttl, type_text(rtype), _data(message, rtype, position, length)))
        elif rtype == Type.OPT:
            why = _ede(message[position : position + length])
        position += length
    return Answer(rcode_text(flags & 0xF), tuple(records), why)


def _name(message: bytes, position: int) -> tuple[str, int]:
    """Return the name at `position` as text, and where the next field begins; each pointer must go further back."""
    labels: list[bytes] = []
    end, before = 0, position
    while length := message[position]:
        if length >= _POINTER:
            target = (length & 0x3F) << 8 | message[position + 1]
            if target >= before:
                raise FormatError("a compression pointer does not point back")
            end = end or position + 2
            position = before = target
        else:
            labels.append(message[position + 1 : position + 1 + length])
            position += 1 + length
    return to_text(from_labels(tuple(labels))), end or position + 1


def _data(message: bytes, rtype: int, position: int, length: int) -> str:
    if rtype == Type.CNAME:
        return _name(message, position)[0]
    octets = message[position : position + length]
    return str(ip_address(octets)) if rtype in ADDRESS_TYPES else f"\\# {length} {octets.hex()}"


def _ede(options: bytes) -> str:
    """Return the text of the first Extended DNS Error among EDNS options (RFC 8914 2), empty where there is none."""
    position = 0
    while position < len(options):
        code, length = struct.unpack_from("!2H", options, position)
        position += 4
        if code == _EDE:
            return options[position + 2 : position + length].decode(errors="replace")
        position += length
    return ""
