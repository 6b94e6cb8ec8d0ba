"""An answer as it was read from the wire, whoever read it."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the answer section as text; `ttl` in seconds."""

    owner: str
    ttl: int
    rtype: str
    data: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The response code by name, the answer section in order, and the text of the Extended DNS Error (RFC 8914)."""

    rcode: str
    records: tuple[Record, ...]
    why: str = ""

    def lines(self, qname: str) -> tuple[str, ...]:
        """Return the records compactly, `S` for `qname`: the owner is left out where the chain leads to it anyway."""
        code = () if self.rcode == "NOERROR" else (self.rcode,)
        return (*code, *(text.replace(qname, "S") for text in self._chain(f"{qname}.")))

    def _chain(self, expected: str) -> Iterator[str]:
        for record in self.records:
            owner = "" if record.owner == expected else f"{record.owner} "
            yield f"{owner}{record.ttl}s {record.rtype} {record.data}"
            if record.rtype == "CNAME":
                expected = record.data


NO_ANSWER = Answer("no answer", ())

Ask = Callable[[str], Awaitable[Answer]]
"""Asks the server for the A records of a name, over UDP."""
