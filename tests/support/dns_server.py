"""A DNS server that says what a test wants, over UDP and TCP, in a thread of its own."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from tests.support.ask import Address


@dataclass(frozen=True)
class Asked:
    """A question as it came: the message, over `udp` or `tcp`, from where."""

    message: dns.message.Message
    transport: str
    source: Address
    octets: bytes

    @property
    def name(self) -> str:
        """The name as it was asked, letter by letter."""
        return self.message.question[0].name.to_text()

    @property
    def text(self) -> str:
        """Name and type, `www.example.org. A`."""
        question = self.message.question[0]
        return f"{question.name.to_text().lower()} {dns.rdatatype.to_text(question.rdtype)}"


Said: TypeAlias = "dns.message.Message | bytes | Sequence[dns.message.Message | bytes] | None"
Respond: TypeAlias = Callable[[Asked], Said]


@dataclass
class DnsServer:
    """The server: where it is, what it was asked, and what it says, which may be changed at any time."""

    respond: Respond
    udp: socket.socket
    tcp: socket.socket
    asked: list[Asked] = field(default_factory=list)
    ending: bool = False

    @property
    def address(self) -> Address:
        return self.udp.getsockname()[:2]

    @property
    def to(self) -> str:
        """The address as a Corefile has it."""
        host, port = self.address
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def names(self, transport: str | None = None) -> list[str]:
        """Return what was asked, in order."""
        return [one.text for one in self.asked if transport in (None, one.transport)]

    def over_udp(self) -> None:
        while not self.ending:
            octets, source = self.udp.recvfrom(65535)
            if not octets:
                return
            for message in self._said(octets, "udp", source[:2]):
                self.udp.sendto(message, source)

    def over_tcp(self) -> None:
        while not self.ending:
            connection, source = self.tcp.accept()
            if self.ending:
                connection.close()
                return
            threading.Thread(target=self._converse, args=(connection, source[:2]), daemon=True).start()

    def _converse(self, connection: socket.socket, source: Address) -> None:
        with connection, connection.makefile("rb") as stream, suppress(OSError):
            while len(length := stream.read(2)) == 2:
                octets = stream.read(int.from_bytes(length))
                for message in self._said(octets, "tcp", source):
                    connection.sendall(len(message).to_bytes(2) + message)

    def _said(self, octets: bytes, transport: str, source: Address) -> list[bytes]:
        asked = Asked(dns.message.from_wire(octets, keyring=False), transport, source, octets)
        self.asked.append(asked)
        said = self.respond(asked)
        if said is None:
            return []
        whole = said if isinstance(said, list | tuple) else [said]
        return [one if isinstance(one, bytes) else one.to_wire(max_size=65535) for one in whole]


def reply(asked: Asked, *records: str, rcode: str = "NOERROR", authority: Sequence[str] = ()) -> dns.message.Message:
    """Return the answer to a question with records as text, `www.example.org. 60 IN A 192.0.2.1`."""
    message = dns.message.make_response(asked.message, recursion_available=True)
    message.set_rcode(dns.rcode.from_text(rcode))
    for section, lines in ((message.answer, records), (message.authority, authority)):
        for line in lines:
            owner, ttl, rclass, rtype, data = line.split(maxsplit=4)
            section.append(dns.rrset.from_text(owner, int(ttl), rclass, rtype, data))
    return message


def truncated(asked: Asked) -> dns.message.Message:
    """Return an answer that says that it does not fit."""
    message = dns.message.make_response(asked.message, recursion_available=True)
    message.flags |= dns.flags.TC
    return message


def from_zone(records: str, soa: str = "example.org. 60 IN SOA ns.example.org. hm.example.org. 1 2 3 4 5") -> Respond:
    """Return what answers from records, a line each; NXDOMAIN for other names."""
    lines = [line.strip() for line in records.strip().splitlines()]

    def respond(asked: Asked) -> dns.message.Message:
        name, rtype = asked.text.split()
        of_name = [line for line in lines if line.split()[0] == name]
        found = [line for line in of_name if line.split()[3] in (rtype, "CNAME")]
        if found:
            return reply(asked, *found)
        return reply(asked, rcode="NOERROR" if of_name else "NXDOMAIN", authority=(soa,))

    return respond


@contextmanager
def dns_server(respond: Respond | str, host: str = "127.0.0.1", port: int = 0) -> Iterator[DnsServer]:
    """Give a server that answers as `respond` says, or from records in a text."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    udp, tcp = _pair(family, host, port)
    server = DnsServer(from_zone(respond) if isinstance(respond, str) else respond, udp, tcp)
    threads = [threading.Thread(target=server.over_udp), threading.Thread(target=server.over_tcp)]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        server.ending = True
        with socket.socket(family, socket.SOCK_DGRAM) as last:
            last.sendto(b"", server.address)
        with suppress(OSError):
            socket.create_connection(server.address).close()
        for thread in threads:
            thread.join()
        udp.close()
        tcp.close()


def _pair(family: int, host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Return a socket for each transport, at the same port."""
    while True:
        udp = socket.socket(family, socket.SOCK_DGRAM)
        udp.bind((host, port))
        tcp = socket.socket(family, socket.SOCK_STREAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tcp.bind((host, udp.getsockname()[1]))
        except OSError:
            udp.close()
            tcp.close()
            if port:
                raise
            continue
        tcp.listen(64)
        return udp, tcp
