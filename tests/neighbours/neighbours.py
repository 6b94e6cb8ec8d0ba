"""The DNS servers that stand in front of us: each with a configuration of its own, and what our page adds to it."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

import yaml

from bench import tools
from tests.neighbours.world import CLUSTER_DNS, LOCAL_TTL, NODE_LOCAL
from tests.support.deadline import eventually
from tests.support.manuals import ROOT, blocks, sections
from tests.support.network import Host

PAGE = ROOT / "docs" / "neighbours.md"
ZONE = """\
@ 30 IN SOA ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 30
@ 30 IN NS ns.dns.cluster.local.
kubernetes.default.svc 30 IN A 10.96.0.1
"""
"""Of a cluster with one Service, and of a world with one name."""
COREDNS = Template("""\
. {
    errors
    file $folder/zone cluster.local
    file $folder/zone .
}
$more
""")
STUB = Template("""\
$domain:53 {
    errors
    cache 30
    bind $address
    forward . $servers
}
""")
DNSMASQ = Template("""\
no-resolv
no-hosts
bind-interfaces
listen-address=$address
stop-dns-rebind
$more
""")
UNBOUND = Template("""\
server:
    interface: $address
    access-control: 0.0.0.0/0 allow
    private-address: 10.0.0.0/8
    use-caps-for-id: yes
    trust-anchor-file: /usr/share/dns/root.key
    directory: "$folder"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
remote-control:
    control-enable: no
$more
""")
BIND = Template("""\
options {
    directory "$folder";
    listen-on { $address; };
    listen-on-v6 { none; };
    allow-query { any; };
    dnssec-validation auto;
    pid-file none;
    session-keyfile none;
    $options
};
controls { };
$more
""")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A server in front of us; `section` is that of our page, and `command` writes its files and returns what runs it."""

    section: str
    command: Callable[[Path, list[str]], list[str]]
    address: str = CLUSTER_DNS
    reason: bool = False
    """Whether an Extended DNS Error passes."""
    one_ttl: bool = False
    """Whether all records of an answer get the least of its TTLs."""
    local_ttl: int = LOCAL_TTL
    """The TTL that what we send with the shortest one has behind it, in seconds."""

    @contextmanager
    def running(self, host: Host, folder: Path) -> Iterator[None]:
        """Run it on a host; AssertionError with what it printed when it does not answer."""
        texts = blocks(sections(PAGE.read_text(encoding="utf-8"))[self.section], "text", "yaml")
        command, log = (*host.inside, *self.command(folder, texts)), folder / "log"
        with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, env=host.environ) as child:
            try:
                eventually(lambda: child.poll() is not None or self.answers(host))
                assert child.poll() is None, log.read_text()
                yield
            finally:
                child.kill()

    def answers(self, host: Host) -> bool:
        """Say whether it answers anything."""
        return host.run("dig", f"@{self.address}", "+time=1", "+tries=1", "example.com", "SOA").returncode == 0


def coredns(folder: Path, texts: list[str]) -> list[str]:
    """Run CoreDNS with the server block of the page."""
    (folder / "zone").write_text(ZONE)
    return corefile(folder, COREDNS.substitute(folder=folder, more="".join(texts)))


def node_local(folder: Path, texts: list[str]) -> list[str]:
    """Run CoreDNS with the server blocks that node-local-dns makes of the stub domains in its ConfigMap."""
    (text,) = texts
    stubs = json.loads(yaml.safe_load(text)["data"]["stubDomains"])
    blocks = [
        STUB.substitute(address=NODE_LOCAL, domain=domain, servers=" ".join(servers))
        for domain, servers in stubs.items()
    ]
    return corefile(folder, "".join(blocks))


def corefile(folder: Path, text: str) -> list[str]:
    """Run CoreDNS with a Corefile."""
    return [str(tools.coredns()), "-conf", written(folder / "Corefile", text)]


def dnsmasq(folder: Path, texts: list[str]) -> list[str]:
    """Run dnsmasq with the lines of the page; with `-d`, which changes no user, for there is but one."""
    text = DNSMASQ.substitute(address=CLUSTER_DNS, more="".join(texts))
    return ["dnsmasq", "-d", "-C", written(folder / "dnsmasq.conf", text)]


def unbound(folder: Path, texts: list[str]) -> list[str]:
    """Run unbound with the clauses of the page."""
    text = UNBOUND.substitute(address=CLUSTER_DNS, folder=folder, more="".join(texts))
    return ["unbound", "-d", "-c", written(folder / "unbound.conf", text)]


def bind(folder: Path, texts: list[str]) -> list[str]:
    """Run BIND with the options and the zones of the page."""
    options, zones = texts
    text = BIND.substitute(address=CLUSTER_DNS, folder=folder, options=options, more=zones)
    return ["named", "-g", "-c", written(folder / "named.conf", text)]


def written(path: Path, text: str) -> str:
    """Write a file and return its path."""
    path.write_text(text)
    return str(path)


NEIGHBOURS = [
    Neighbour("CoreDNS", coredns, reason=True),
    Neighbour("node-local-dns", node_local, NODE_LOCAL, one_ttl=True, local_ttl=5),
    Neighbour("dnsmasq", dnsmasq, reason=True),
    Neighbour("unbound", unbound),
    Neighbour("BIND", bind),
]
