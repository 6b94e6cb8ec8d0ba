"""NSD with the same records as zone files."""

from dataclasses import dataclass

from bench.servers import CERTIFICATE, KEY, Site

CONFIGURATION = """\
server:
    ip-address: 127.0.0.1@{port}
    ip-address: 127.0.0.1@{tls_port}
    tls-port: {tls_port}
    tls-service-key: "{folder}/{key}"
    tls-service-pem: "{folder}/{certificate}"
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
        ways = {"port": site.port, "tls_port": site.tls_port, "certificate": CERTIFICATE, "key": KEY}
        text = CONFIGURATION.format(folder=site.folder, **ways)
        for apex in site.truth.apexes:
            (site.folder / f"{apex}zone").write_text(site.truth.zone(apex))
            text += ZONE.format(apex=apex)
        configuration = site.folder / "nsd.conf"
        configuration.write_text(text)
        return ["/usr/sbin/nsd", "-d", "-c", str(configuration)]
