"""CoreDNS with its cache in front of the same records, as hosts or as zone files."""

from dataclasses import dataclass
from pathlib import Path

from bench.servers import CERTIFICATE, KEY, Site
from bench.truth import LOCAL_TTL

HOSTS = """\
.:{port} tls://.:{tls_port} {{
    bind 127.0.0.1
    tls {certificate} {key}
    errors
    cache
    hosts hosts {{
        ttl {ttl}
        reload 0
    }}
}}
"""
FILE = """\
.:{port} tls://.:{tls_port} {{
    bind 127.0.0.1
    tls {certificate} {key}
    errors
    minimal
{lines}}}
"""


@dataclass(frozen=True, slots=True)
class CoreDns:
    """CoreDNS of `bench/coredns`, with `cache`, unless that is left out, and then `hosts` or `file`."""

    binary: Path
    source: str
    """`hosts` or `file`."""

    cache: bool = True
    name: str = "coredns"
    ages: bool = True

    def command(self, site: Site) -> list[str]:
        """Write the Corefile and its data, and return the command."""
        corefile = site.folder / "Corefile"
        corefile.write_text(self.hosts(site) if self.source == "hosts" else self.file(site))
        return [str(self.binary), "-conf", str(corefile)]

    def hosts(self, site: Site) -> str:
        """Write the hosts file and return the Corefile."""
        (site.folder / "hosts").write_text(site.truth.hosts())
        return HOSTS.format(ttl=LOCAL_TTL, **_ways(site))

    def file(self, site: Site) -> str:
        """Write the zone files and return the Corefile."""
        lines = "    cache\n" if self.cache else ""
        for apex in site.truth.apexes:
            (site.folder / f"{apex}zone").write_text(site.truth.zone(apex))
            lines += f"    file {apex}zone {apex}\n"
        return FILE.format(**_ways(site), lines=lines)


def _ways(site: Site) -> dict[str, object]:
    """Return what a Corefile says of the ways to ask."""
    return {"port": site.port, "tls_port": site.tls_port, "certificate": CERTIFICATE, "key": KEY}
