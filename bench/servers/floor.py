"""The floor: a C loop that receives, writes the ID and sends."""

from dataclasses import dataclass
from pathlib import Path

import dns.message

from bench.servers import Site

SOURCE = Path(__file__).with_suffix(".c")


@dataclass(frozen=True, slots=True)
class Floor:
    """Answer everything with the right reply to the first message; built from floor.c."""

    binary: Path
    name: str = "floor"
    ages: bool = False

    def command(self, site: Site) -> list[str]:
        """Write the reply and return the command."""
        reply = site.folder / "reply"
        reply.write_bytes(site.truth.reply(dns.message.from_wire(site.first)))
        return [str(self.binary), str(site.port), str(reply)]
