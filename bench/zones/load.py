"""Zone files under load: names that they have, and names that they have not."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.cases import Case
from bench.queries import ABSENT, query, unlike
from bench.servers import Server, Site
from bench.servers.coredns import CoreDns
from bench.servers.fedresolver import run
from bench.servers.floor import Floor
from bench.servers.nsd import Nsd
from bench.tools import Programs
from bench.zones.truth import ZONE, ZoneTruth, name_of

RECORDS = 10_000
COREFILE = """\
.:{port} {{
    bind 127.0.0.1
    errors
    file {apex}zone {apex}
}}
"""


def existing(_: int) -> Iterator[bytes]:
    """Give queries for all names of the zone, each once, in an order that is not that of the file."""
    return (query(name_of(number * 7919 % RECORDS + 1)).to_wire() for number in range(RECORDS))


def absent(count: int) -> Iterator[bytes]:
    """Give queries for names that the zone has not, no two alike."""
    return unlike(query(f"{ABSENT}.{ZONE}"), count)


CASES = (
    Case(
        name="zone",
        queries=existing,
        services=RECORDS,
        truth=ZoneTruth,
        coredns="file",
        limits={"nsd": 2.2, "coredns": 0.3},
    ),
    Case(
        name="zone-absent",
        queries=absent,
        services=RECORDS,
        truth=ZoneTruth,
        coredns="file",
        fresh=True,
        limits={"nsd": 3.5, "coredns": 0.3},
    ),
)


@dataclass(frozen=True, slots=True)
class Fedresolver:
    """fedresolver with zone files."""

    name: str = "fedresolver"
    ages: bool = False

    def command(self, site: Site) -> list[str]:
        """Write the zone and the Corefile, and return the command."""
        (apex,) = site.truth.apexes
        (site.folder / f"{apex}zone").write_text(site.truth.zone(apex))
        return run(site.folder, COREFILE.format(port=site.port, apex=apex))


def servers(programs: Programs) -> list[Server]:
    """Return the servers in the order in which they take turns; CoreDNS answers from the file, without a cache."""
    others: list[Server] = [Floor(programs.floor), Nsd()]
    if programs.coredns:
        others.append(CoreDns(programs.coredns, "file", cache=False))
    return [*others, Fedresolver()]
