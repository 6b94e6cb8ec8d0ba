"""The servers that are compared: how each is configured for one case, and started."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.truth import Truth

CERTIFICATE, KEY = "certificate.pem", "key.pem"
"""What each server shows over TLS, in its folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a server runs and what it must know."""

    folder: Path
    """Empty, for its configuration."""

    port: int
    truth: Truth
    first: bytes
    """The first message that it will be asked."""

    tls_port: int = 0
    """Where it is asked over TLS, and shows CERTIFICATE; 0 where it is not."""


class Server(Protocol):
    """A server that can be run in every case."""

    @property
    def name(self) -> str:
        """What its column is called."""

    @property
    def ages(self) -> bool:
        """Whether its TTLs count down."""

    def command(self, site: Site) -> list[str]:
        """Write its configuration and return the command that runs it in the foreground."""
