"""What a server says to a question."""

from typing import TypeAlias

import msgspec


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: its rcode, whether it is authoritative, and who its SOA says is responsible, empty without one.

    `size` are the octets that its OPT record says may be sent, None without one. `odd` is why it cannot be read.
    """

    rcode: str
    authoritative: bool = False
    soa: str = ""
    size: int | None = None
    odd: str = ""

    @property
    def text(self) -> str:
        """What operators are told of it."""
        return self.odd or self.rcode


class Silence(msgspec.Struct, frozen=True):
    """No answer, and why."""

    why: str

    @property
    def text(self) -> str:
        """What operators are told of it."""
        return self.why


Heard: TypeAlias = Reply | Silence
