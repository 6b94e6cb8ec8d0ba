"""Somebody who asks the same questions at a steady rate while a test goes on, and what he got when."""

import select
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache

import dns.message
import dns.rcode

from tests.support.ask import Address, addresses, question

LOST = "lost"
RATE = 100
"""Questions per second."""
PATIENCE = 2.0
"""Seconds after which an answer counts as lost; nothing is asked twice."""


@dataclass(frozen=True, slots=True)
class Right:
    """From when on these answers to a question are right, and no others: `192.0.2.1 192.0.2.2`, `NXDOMAIN`, `NODATA`."""

    since: float
    answers: frozenset[str]


@dataclass(slots=True, repr=False)
class Asked:
    """One question: when it was sent and answered (monotonic seconds), and the octets after the ID; none are lost."""

    name: str
    sent: float
    answered: float = 0.0
    octets: bytes = b""

    @property
    def answer(self) -> str:
        """The addresses in order of their text, else the response code, `NODATA` or `lost`."""
        return short(self.octets) if self.octets else LOST

    def __repr__(self) -> str:
        """Return what a failed test prints."""
        return f"{self.sent:.3f} {self.name} {self.answer}"


@dataclass(frozen=True, slots=True)
class Report:
    """How many were asked, and those that got no answer, or one that was right at no moment while they waited."""

    asked: int
    lost: list[Asked]
    wrong: list[Asked]


class BackgroundAsker:
    """Has sockets of his own, one for each question; whoever changes what is right tells him with `right` before."""

    def __init__(self, address: Address, right: Mapping[str, str], rate: int, patience: float) -> None:
        self._messages = {name: question(name, use_edns=0).to_wire()[2:] for name in right}
        self._sockets = {name: _socket(address) for name in self._messages}
        self._pause = 1 / rate
        self._patience = patience
        self._right = {name: [Right(0.0, frozenset({answer}))] for name, answer in right.items()}
        self._asked: list[Asked] = []
        self._waiting: dict[tuple[str, int], Asked] = {}
        self._latest: dict[str, str] = {}
        self._ended = threading.Event()

    def right(self, name: str, *answers: str) -> None:
        """Say which answers to a question are right from now on."""
        self._right[name].append(Right(time.monotonic(), frozenset(answers)))

    def latest(self, name: str) -> str:
        """Return the last answer that came to a question."""
        return self._latest.get(name, LOST)

    def report(self) -> Report:
        """Return what was lost and what was wrong until now."""
        seen = list(self._asked)
        late = time.monotonic() - self._patience
        lost = [one for one in seen if not one.octets and (one.sent < late or self._ended.is_set())]
        wrong = [one for one in seen if one.octets and not self._was_right(one)]
        return Report(len(seen), lost, wrong)

    def _was_right(self, one: Asked) -> bool:
        said = self._right[one.name]
        ends = [*(later.since for later in said[1:]), float("inf")]
        spans = zip(said, ends, strict=True)
        return any(
            one.answer in right.answers for right, end in spans if right.since <= one.answered and one.sent < end
        )

    def run(self) -> None:
        """Ask until told to end, then wait for what is outstanding."""
        due, number = time.monotonic(), 0
        names = list(self._messages)
        while not self._ended.is_set():
            self._receive(due)
            self._ask(names[number % len(names)], number % 65536)
            number += 1
            due = max(due + self._pause, time.monotonic() - 1)  # after a pause of the machine, no burst
        self._receive(time.monotonic() + self._patience, until_none_waits=True)
        for sock in self._sockets.values():
            sock.close()

    def end(self) -> None:
        """Tell him to end."""
        self._ended.set()

    def _ask(self, name: str, number: int) -> None:
        one = Asked(name, time.monotonic())
        self._waiting[name, number] = one
        self._asked.append(one)
        with suppress(ConnectionRefusedError):  # of the question before: nobody listens, and this one is lost too
            self._sockets[name].send(number.to_bytes(2) + self._messages[name])

    def _receive(self, due: float, *, until_none_waits: bool = False) -> None:
        """Take answers until it is time to ask."""
        sockets = {sock: name for name, sock in self._sockets.items()}
        while (left := due - time.monotonic()) > 0 and (self._waiting or not until_none_waits):
            for sock in select.select(list(sockets), (), (), left)[0]:
                self._take(sockets[sock], sock)

    def _take(self, name: str, sock: socket.socket) -> None:
        try:
            octets = sock.recv(65535)
        except ConnectionRefusedError:
            return
        one = self._waiting.pop((name, int.from_bytes(octets[:2])), None)
        if one and time.monotonic() - one.sent <= self._patience:
            one.answered, one.octets = time.monotonic(), octets[2:]
            self._latest[name] = one.answer


@contextmanager
def asking_always(
    address: Address, right: Mapping[str, str], rate: int = RATE, patience: float = PATIENCE
) -> Iterator[BackgroundAsker]:
    """Give somebody at work, who asks for A records of names whose `right` answers he knows; at the end none is open."""
    asker = BackgroundAsker(address, right, rate, patience)
    thread = threading.Thread(target=asker.run)
    thread.start()
    try:
        yield asker
    finally:
        asker.end()
        thread.join()


@lru_cache(maxsize=4096)
def short(octets: bytes) -> str:
    """Return an answer without its ID in short."""
    response = dns.message.from_wire(b"\0\0" + octets)
    if response.rcode() != dns.rcode.NOERROR:
        return dns.rcode.to_text(response.rcode())
    return " ".join(sorted(addresses(response))) or "NODATA"


def _socket(address: Address) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(address)
    return sock
