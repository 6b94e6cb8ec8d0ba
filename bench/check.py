"""Ask a server, and refuse it unless its answer is right."""

import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype

from bench.process import BenchError, Process, WrongAnswerError
from bench.truth import Answer, Truth

TIMEOUT = 2.0
READY_SECONDS = 120.0
POLL_SECONDS = 0.05
ID = 2
HEADER = 12
QUESTION_TAIL = 4
MAX_UDP = 65535


@dataclass(frozen=True, slots=True)
class Asked:
    """One server, asked over UDP."""

    server: str
    port: int
    truth: Truth
    ages: bool
    """Whether TTLs count down, as those of a cache do."""

    timeout: float = TIMEOUT
    """Seconds that an answer may take."""

    def check(self, messages: Iterable[bytes]) -> None:
        """Raise WrongAnswerError at the first message that does not get its right answer."""
        for message in messages:
            if wrong := self.wrong(message):
                raise WrongAnswerError(f"{self.server}: {wrong}")

    def wrong(self, message: bytes) -> str | None:
        """Return what is wrong with the answer to a message, None if it is right."""
        name, type_ = question_of(message)
        try:
            reply = exchange(message, self.port, self.timeout)
            answer = dns.message.from_wire(reply)
        except (OSError, dns.exception.DNSException) as error:
            return f"no answer for {name} {type_}: {error!r}"
        if echoed(reply) != echoed(message):
            return f"ID or question of the answer for {name} {type_} is another"
        got, right = answer_of(answer), self.truth.answer(name, type_)
        return None if same(got, right, ages=self.ages) else f"{name} {type_}: got {got}, right is {right}"

    def wait(self, message: bytes, process: Process) -> None:
        """Wait until a message gets its right answer; BenchError when the server ends or takes too long."""
        deadline = time.monotonic() + READY_SECONDS
        while wrong := self.wrong(message):
            process.check_alive()
            if time.monotonic() > deadline:
                raise BenchError(f"{self.server} does not answer after {READY_SECONDS:.0f} s: {wrong}")
            time.sleep(POLL_SECONDS)


def exchange(message: bytes, port: int, timeout: float = TIMEOUT) -> bytes:
    """Send a message to 127.0.0.1 over UDP and return what comes back; OSError when nothing does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.connect(("127.0.0.1", port))
        sock.send(message)
        return sock.recv(MAX_UDP)


def question_of(message: bytes) -> tuple[str, str]:
    """Return the name and the type that a message asks."""
    question = dns.message.from_wire(message).question[0]
    return question.name.to_text(), dns.rdatatype.to_text(question.rdtype)


def echoed(message: bytes) -> tuple[bytes, bytes]:
    """Return what a reply repeats of its query to the octet: the ID, and the question in its letters' case."""
    end = message.index(0, HEADER) + QUESTION_TAIL
    return message[:ID], message[HEADER : end + 1]


def answer_of(message: dns.message.Message) -> Answer:
    """Return what a reply says, owners in small letters."""
    records = [
        (rrset.name.to_text().lower(), rrset.ttl, dns.rdatatype.to_text(rrset.rdtype), rdata.to_text())
        for rrset in message.answer
        for rdata in rrset
    ]
    soas = (rrset.name.to_text().lower() for rrset in message.authority if rrset.rdtype == dns.rdatatype.SOA)
    return Answer(message.rcode(), frozenset(records), None if records else next(soas, None))


def same(got: Answer, right: Answer, *, ages: bool) -> bool:
    """Tell whether two answers agree; with `ages` a TTL may be lower than the right one."""
    if (got.rcode, got.authority) != (right.rcode, right.authority):
        return False
    if not ages:
        return got.records == right.records
    ttls = {(owner, type_, rdata): ttl for owner, ttl, type_, rdata in right.records}
    left = {(owner, type_, rdata): ttl for owner, ttl, type_, rdata in got.records}
    return left.keys() == ttls.keys() and all(left[record] <= ttl for record, ttl in ttls.items())
