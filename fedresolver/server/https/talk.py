"""What is spoken on a connection, HTTP/1.1 or HTTP/2, as the connection sees it, and the connection as that sees it."""

from abc import ABC, abstractmethod
from typing import Protocol

from fedresolver.server.asked import Messages
from fedresolver.server.https.request import MEDIA_TYPE, Refusal
from fedresolver.server.pending import Pending
from fedresolver.wire.const import Rcode
from fedresolver.wire.freshness import freshness
from fedresolver.wire.query import read
from fedresolver.wire.response import TCP_SIZE, empty, respond

REQUEST_SECONDS = 10.0
"""How long a request may take to be whole, and an answer to be taken."""

Fields = list[tuple[bytes, bytes]]
"""The fields of an HTTP header: names in small letters, and values."""


class Line(Protocol):
    """A connection, as far as what is spoken on it needs to know it."""

    @property
    def path(self) -> str:
        """The path of the resource that answers queries."""

    @property
    def date(self) -> bytes:
        """The time as HTTP writes it."""

    def now(self) -> float:
        """Return the time in seconds of the monotonic clock."""

    def ask(self, message: bytes) -> bytes | Messages | Pending | None:
        """Return the answer to a DNS message, or what will give it."""

    def write(self, octets: bytes) -> None:
        """Send something."""

    def close(self) -> None:
        """End the connection when what was written is sent."""

    def count(self, status: int) -> None:
        """Count a response."""

    def go_on(self) -> None:
        """See what is to be done next."""


class Talk(ABC):
    """A version of HTTP, on one connection."""

    @abstractmethod
    def feed(self, data: bytes) -> None:
        """Take in what was read; it is worked off later."""

    @abstractmethod
    def work(self) -> None:
        """Answer a burst of what was read."""

    @property
    @abstractmethod
    def has_work(self) -> bool:
        """Whether more of what was read could be worked off now."""

    @property
    @abstractmethod
    def is_full(self) -> bool:
        """Whether nothing more should be read for now."""

    @property
    @abstractmethod
    def is_owed(self) -> bool:
        """Whether there are answers to come."""

    @abstractmethod
    def check(self, now: float) -> None:
        """End what has taken too long."""

    @abstractmethod
    def say_goodbye(self) -> None:
        """Tell the client that the connection ends, where there are words for it."""

    @abstractmethod
    def lost(self) -> None:
        """Wait for nothing any more."""


def sendable(message: bytes, answer: bytes | Messages | None) -> bytes | None:
    """Return an answer that is one message, None where there is to be none: transfers are refused."""
    if answer is None or isinstance(answer, bytes):
        return answer
    return respond(read(message), empty(Rcode.REFUSED), TCP_SIZE)


def fields(response: bytes) -> Fields:
    """Return the header fields of a DNS response (RFC 8484 4.2.1 and 5.1)."""
    return [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(response)),
        (b"cache-control", b"max-age=%d" % freshness(response)),
    ]


def fields_of_refusal(refusal: Refusal) -> tuple[Fields, bytes]:
    """Return the header fields and the body of a response that is none of DNS."""
    body = f"{refusal.text}\n".encode()
    found = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    if refusal.status == 405:
        found.append((b"allow", b"GET, HEAD, POST"))
    return found, body
