"""A connection in memory, and what is spoken on it driven by hand."""

from collections.abc import Callable

from fedresolver.server.asked import Messages
from fedresolver.server.https.talk import Talk
from fedresolver.server.pending import Pending
from tests.support.http2 import Client


class Line:
    """Answers each message with `answer`; keeps what was written."""

    path = "/dns-query"
    date = b"Wed, 25 Nov 2026 22:00:00 GMT"

    def __init__(self, answer: Callable[[bytes], bytes | Messages | Pending | None]) -> None:
        self.asked: list[bytes] = []
        self.counted: list[int] = []
        self.written = bytearray()
        self.closed = False
        self.time = 0.0
        self._answer = answer

    def now(self) -> float:
        return self.time

    def ask(self, message: bytes) -> bytes | Messages | Pending | None:
        self.asked.append(message)
        return self._answer(message)

    def write(self, octets: bytes) -> None:
        assert not self.closed
        self.written += octets

    def close(self) -> None:
        self.closed = True

    def count(self, status: int) -> None:
        self.counted.append(status)

    def go_on(self) -> None:
        """Nothing is read on in memory."""

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        octets = bytes(self.written)
        self.written.clear()
        return octets


def work_off(talk: Talk, line: Line, octets: bytes) -> None:
    """Have octets read and worked off, as far as that can be done now."""
    talk.feed(octets)
    while talk.has_work and not line.closed:
        talk.work()


def exchange(client: Client, talk: Talk, line: Line, more: bytes = b"") -> None:
    """Carry octets to and fro until neither has any; `more` goes after what the client sends first."""
    octets = client.outgoing() + more
    while True:
        if octets and not line.closed:
            work_off(talk, line, octets)
        answer = line.taken()
        if answer:
            client.take(answer)
        octets = client.outgoing()
        if not octets or line.closed:
            client.take(line.taken())
            return


class Later(Pending):
    """An answer that a test brings."""

    def __init__(self) -> None:
        self.cancelled = False

    def start(self, send: Callable[[Pending, bytes | Messages | None], None]) -> None:
        self._send = send

    def bring(self, answer: bytes | Messages | None) -> None:
        self._send(self, answer)

    def cancel(self) -> None:
        self.cancelled = True
