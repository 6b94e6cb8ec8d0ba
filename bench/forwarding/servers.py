"""Servers that forward: how each is configured, and started."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.process import free_port
from bench.servers import Site
from bench.servers.fedresolver import run
from bench.truth import APEX
from bench.world import DOMAIN, FEDERATION, LOCAL

OURS = """\
.:{port} {{
    bind 127.0.0.1
    errors
    ready 127.0.0.1:{ready}
    prometheus 127.0.0.1:{metrics}
{federation}    cache 30
    loadbalance
    forward . {upstreams}
}}
"""
FEDERATED = f"""\
    federation {FEDERATION} {DOMAIN.rstrip(".")} {{
        manifests world
        local {LOCAL.name}
    }}
"""
COREDNS = """\
.:{port} {{
    bind 127.0.0.1
    errors
    cache 30
{file}    forward . {upstreams}
}}
"""
FILE = f"    file {APEX}zone {APEX}\n"
DNSMASQ = """\
listen-address=127.0.0.1
bind-interfaces
port={port}
no-resolv
no-hosts
server=127.0.0.1#{upstream}
cache-size=10000
"""
UNBOUND = """\
server:
    interface: 127.0.0.1@{port}
    access-control: 127.0.0.0/8 allow
    num-threads: 1
    module-config: "iterator"
    do-not-query-localhost: no
    do-daemonize: no
    use-syslog: no
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: "{folder}/pid"
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@{upstream}
"""


@dataclass(frozen=True, slots=True)
class Fedresolver:
    """fedresolver with `cache` and `forward`, and where the names of pods are asked, the federation before them."""

    upstreams: Sequence[int]
    """Ports of 127.0.0.1."""

    federated: bool = False
    name: str = field(default="fedresolver", init=False)
    ages: bool = field(default=True, init=False)

    def command(self, site: Site) -> list[str]:
        """Write the Corefile, and the world if it is federated, and return the command."""
        if self.federated:
            site.truth.world.write(site.folder / "world")
        ports = {"port": site.port, "ready": free_port(), "metrics": free_port()}
        federation = FEDERATED if self.federated else ""
        return run(site.folder, OURS.format(federation=federation, upstreams=addresses(self.upstreams), **ports))


@dataclass(frozen=True, slots=True)
class CoreDns:
    """CoreDNS with `cache` and `forward`, and where the names of pods are asked, their zone file before them."""

    binary: Path
    upstreams: Sequence[int]
    federated: bool = False
    name: str = field(default="coredns", init=False)
    ages: bool = field(default=True, init=False)

    def command(self, site: Site) -> list[str]:
        """Write the Corefile, and the zone file if it is federated, and return the command."""
        if self.federated:
            (site.folder / f"{APEX}zone").write_text(site.truth.zone(APEX))
        corefile = site.folder / "Corefile"
        file = FILE if self.federated else ""
        corefile.write_text(COREDNS.format(port=site.port, file=file, upstreams=addresses(self.upstreams)))
        return [str(self.binary), "-conf", str(corefile)]


@dataclass(frozen=True, slots=True)
class Dnsmasq:
    """dnsmasq with a cache of 10,000 names."""

    upstream: int
    name: str = field(default="dnsmasq", init=False)
    ages: bool = field(default=True, init=False)

    def command(self, site: Site) -> list[str]:
        """Write its configuration, and return the command."""
        configuration = site.folder / "dnsmasq.conf"
        configuration.write_text(DNSMASQ.format(port=site.port, upstream=self.upstream))
        return ["/usr/sbin/dnsmasq", "--no-daemon", "--user=", "--pid-file=", f"--conf-file={configuration}"]


@dataclass(frozen=True, slots=True)
class Unbound:
    """Unbound with one thread, and without DNSSEC validation, as the others are."""

    upstream: int
    name: str = field(default="unbound", init=False)
    ages: bool = field(default=True, init=False)

    def command(self, site: Site) -> list[str]:
        """Write its configuration, and return the command."""
        configuration = site.folder / "unbound.conf"
        configuration.write_text(UNBOUND.format(port=site.port, upstream=self.upstream, folder=site.folder))
        return ["/usr/sbin/unbound", "-d", "-c", str(configuration)]


def addresses(ports: Sequence[int]) -> str:
    """Return ports of 127.0.0.1 as a Corefile names upstreams."""
    return " ".join(f"127.0.0.1:{port}" for port in ports)
