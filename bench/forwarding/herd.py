"""10,000 askers of one name that nobody asked before, while the upstream takes its time."""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dns.message

from bench.check import ID, MAX_UDP, answer_of, question_of, same
from bench.figure import OURS, Figure
from bench.forwarding.servers import CoreDns, Fedresolver
from bench.forwarding.started import Started, started
from bench.forwarding.truth import outside
from bench.process import Cores, WrongAnswerError
from bench.progress import say
from bench.queries import query
from bench.servers import Server
from bench.tools import Programs
from bench.truth import encoded

NAME = "forward-herd"
HERDED = "herd.example.net."
SOCKETS, IDS = 100, 100
"""An asker is a socket and an ID."""

ASKERS = SOCKETS * IDS
DELAY_SECONDS = 0.2
"""From the last asker's question to the upstream's answer."""

A_MILLISECOND = 40
"""Questions in a millisecond: all at once would not fit into the buffers of sockets."""

AGAIN_SECONDS, TRIES = 1.0, 5
"""When an asker without an answer asks again, and how often at most."""

MOST_QUESTIONS = 2
MESSAGE = query(HERDED).to_wire()

Asker = tuple[int, int]
"""Index of its socket, and ID."""


@dataclass(frozen=True, slots=True)
class Slow:
    """An upstream that answers at once, but keeps those waiting who ask for one name until it is told to answer."""

    sock: socket.socket
    waiting: list[tuple[bytes, tuple[str, int]]] = field(default_factory=list)
    """What it was asked for that name, and from where."""

    told: threading.Event = field(default_factory=threading.Event)

    def serve(self) -> None:
        """Answer until the socket is shut, which reads like a message of no octets."""
        while True:
            message, client = self.sock.recvfrom(MAX_UDP)
            if not message:
                return
            herded = HERDED in question_of(message)
            if herded:
                self.waiting.append((message, client))
            if not herded or self.told.is_set():
                self.sock.sendto(reply(message), client)

    def answer(self) -> None:
        """Answer all who wait, and whoever asks from now on at once."""
        self.told.set()
        for message, client in list(self.waiting):
            self.sock.sendto(reply(message), client)


@dataclass(frozen=True, slots=True)
class Herd:
    """What came of it; `seconds` from the answer of the upstream to the last one of an asker."""

    questions: int
    unanswered: int
    again: int
    seconds: float


def measure(folder: Path, cores: Cores, programs: Programs) -> list[Figure]:
    """Let them ask us, and CoreDNS where it stands beside."""
    figures = []
    with slow() as (port, upstream):
        figures += figures_of(NAME, herd(Fedresolver([port]), upstream, folder / OURS, cores))
    if programs.coredns:
        with slow() as (port, upstream):
            beside = herd(CoreDns(programs.coredns, [port]), upstream, folder / "coredns", cores)
            figures += figures_of(f"{NAME}, coredns", beside)
    return figures


@contextlib.contextmanager
def slow() -> Iterator[tuple[int, Slow]]:
    """Run the upstream in a thread, and give its port too."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        upstream = Slow(sock)
        thread = threading.Thread(target=upstream.serve)
        thread.start()
        try:
            yield sock.getsockname()[1], upstream
        finally:
            with contextlib.suppress(OSError):  # not connected, it says; but who reads is woken
                sock.shutdown(socket.SHUT_RDWR)
            thread.join()


def herd(server: Server, upstream: Slow, folder: Path, cores: Cores) -> Herd:
    """Start a server, and let all ask it; WrongAnswerError when one is answered wrongly."""
    say(f"{NAME}: {ASKERS} askers of {server.name}")
    with started(server, folder, cores) as found, contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(connected(found.port)) for _ in range(SOCKETS)]
        left = {(index, number) for number in range(IDS) for index in range(SOCKETS)}
        ask(sockets, left)
        time.sleep(DELAY_SECONDS)
        began = time.monotonic()
        upstream.answer()
        last, again = collect(found, sockets, left), 0
        for _ in range(TRIES):
            if left:
                again += len(left)
                ask(sockets, left)
                last = collect(found, sockets, left)
        return Herd(len(upstream.waiting), len(left), again, last - began)


def connected(port: int) -> socket.socket:
    """Return a socket of some askers."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(("127.0.0.1", port))
    return sock


def ask(sockets: list[socket.socket], askers: Collection[Asker]) -> None:
    """Send the question of each asker."""
    for count, (index, number) in enumerate(sorted(askers, key=lambda asker: asker[1])):
        sockets[index].send(number.to_bytes(ID) + MESSAGE[ID:])
        if not count % A_MILLISECOND:
            time.sleep(0.001)


def collect(server: Started, sockets: list[socket.socket], left: set[Asker]) -> float:
    """Take answers until nobody is left or none has come for some time, and return when the last one came."""
    last, seen = time.monotonic(), set[bytes]()
    with selectors.DefaultSelector() as selector:
        for index, sock in enumerate(sockets):
            selector.register(sock, selectors.EVENT_READ, index)
        while left and (ready := selector.select(AGAIN_SECONDS)):
            for key, _ in ready:
                message = sockets[key.data].recv(MAX_UDP)
                if message[ID:] not in seen:
                    check(server, message)
                    seen.add(message[ID:])
                left.discard((key.data, int.from_bytes(message[:ID])))
                last = time.monotonic()
    return last


def check(server: Started, message: bytes) -> None:
    """Raise WrongAnswerError if an answer is not the right one."""
    got, right = answer_of(dns.message.from_wire(message)), outside(HERDED, "A")
    if not same(got, right, ages=True):
        raise WrongAnswerError(f"{server.asked.server} to one of a herd: got {got}, right is {right}")


def reply(message: bytes) -> bytes:
    """Return the upstream's reply."""
    made = dns.message.make_response(dns.message.from_wire(message), recursion_available=True)
    records = outside(*question_of(message)).records
    made.answer = [encoded(sorted(records))] if records else []
    return made.to_wire()


def figures_of(case: str, found: Herd) -> list[Figure]:
    """Return the figures; only ours have targets."""
    questions, unanswered = (MOST_QUESTIONS, 0) if case == NAME else (None, None)
    return [
        Figure(case, "questions upstream", found.questions, "", questions),
        Figure(case, "unanswered", found.unanswered, "", unanswered),
        Figure(case, "asked again", found.again, ""),
        Figure(case, "upstream's answer to the last one", 1000 * found.seconds, "ms"),
    ]
