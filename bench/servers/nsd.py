"""NSD with the same records as zone files."""

from dataclasses import dataclass

from bench.servers import Site

CONFIGURATION = """\
server:
    ip-address: 127.0.0.1@{port}
    server-count: 1
    username: ""
    chroot: ""
    database: ""
    zonesdir: "{folder}"
    pidfile: "{folder}/pid"
    xfrdfile: "{folder}/xfrd"
    xfrdir: "{folder}"
    zonelistfile: "{folder}/zones"
    rrl-ratelimit: 0
    tcp-query-count: 0
    minimal-responses: yes
    hide-version: yes
remote-control:
    control-enable: no
"""
ZONE = """\
zone:
    name: "{apex}"
    zonefile: "{apex}zone"
"""


@dataclass(frozen=True, slots=True)
class Nsd:
    """One NSD server process, in the foreground."""

    name: str = "nsd"
    ages: bool = False

    def command(self, site: Site) -> list[str]:
        """Write its configuration and zone files, and return the command."""
        text = CONFIGURATION.format(port=site.port, folder=site.folder)
        for apex in site.truth.apexes:
            (site.folder / f"{apex}zone").write_text(site.truth.zone(apex))
            text += ZONE.format(apex=apex)
        configuration = site.folder / "nsd.conf"
        configuration.write_text(text)
        return ["/usr/sbin/nsd", "-d", "-c", str(configuration)]
