"""One who asks a server over UDP as fast as it answers, and looks at every answer."""

import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import dns.message

from bench.check import MAX_UDP, TIMEOUT, answer_of
from bench.process import BenchError, WrongAnswerError
from bench.truth import Answer

LONGEST = 20.0
"""Seconds until a change must be seen."""


@dataclass(frozen=True, slots=True)
class Asker:
    """A socket that is connected to `server`, and the message that is asked."""

    server: str
    sock: socket.socket
    message: bytes
    known: dict[bytes, Answer] = field(default_factory=dict)
    """What replies say that came before: reading one takes longer than to ask."""

    def ask(self) -> tuple[Answer, float]:
        """Return the next answer, and when it came; BenchError when none comes."""
        self.sock.send(self.message)
        try:
            reply = self.sock.recv(MAX_UDP)
        except TimeoutError as error:
            raise BenchError(f"{self.server} did not answer within {TIMEOUT:g} s") from error
        came = time.monotonic()
        answer = self.known.get(reply)
        if answer is None:
            answer = self.known[reply] = answer_of(dns.message.from_wire(reply))
        return answer, came

    def until(self, new: Answer, old: Answer) -> float:
        """Ask until the new answer comes, and return when it came; only the old one may come before."""
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            answer, came = self.ask()
            if answer == new:
                return came
            if answer != old:
                raise WrongAnswerError(f"{self.server} after a change: got {answer}, right is {new}, it was {old}")
        raise BenchError(f"{self.server} did not see a change within {LONGEST:g} s")

    def wait(self, right: Answer) -> None:
        """Ask until the right answer comes; until then none need come, for CoreDNS is ready before it listens."""
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            with contextlib.suppress(ConnectionRefusedError):
                if self.ask()[0] == right:
                    return
        raise BenchError(f"{self.server} does not answer with {right} within {LONGEST:g} s")

    def check(self, right: Answer) -> None:
        """Ask once more; WrongAnswerError if the answer is not the right one."""
        if (got := self.ask()[0]) != right:
            raise WrongAnswerError(f"{self.server} some time after a change: got {got}, right is {right}")


@contextlib.contextmanager
def asking(server: str, port: int, message: bytes) -> Iterator[Asker]:
    """Give one who asks 127.0.0.1 for a message."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(TIMEOUT)
        sock.connect(("127.0.0.1", port))
        yield Asker(server, sock, message)
