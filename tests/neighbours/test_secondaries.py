"""BIND, NSD and Knot with copies of our zones: they get them, follow within two seconds, and answer what we answer."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

import dns.message
import dns.query
import dns.rcode
import dns.zone
import pytest

from tests.neighbours import world
from tests.neighbours.local import started, written
from tests.support.ask import Address, ask, question
from tests.support.deadline import eventually
from tests.support.manifests import put
from tests.support.records import lines_of
from tests.support.running import free_ports, running
from tests.support.signed import BASE64

HOST = "127.0.0.1"
FOLLOWS = 2.0
"""Seconds within which a secondary has what is new."""
BIND = Template("""\
options {
    directory "$folder";
    listen-on port $port { 127.0.0.1; };
    listen-on-v6 { none; };
    pid-file none;
    session-keyfile none;
    recursion no;
    dnssec-validation no;
    minimal-responses yes;
    notify no;
};
$keys
zone "$zone" {
    type secondary;
    primaries { 127.0.0.1 port $ours $with_key; };
    file "copy";
};
controls { };
""")
NSD = Template("""\
server:
    ip-address: 127.0.0.1@$port
    zonesdir: "$folder"
    zonelistfile: "$folder/zone.list"
    xfrdfile: "$folder/xfrd.state"
    xfrdir: "$folder"
    pidfile: ""
    database: ""
    username: ""
    verbosity: 2
    minimal-responses: yes
    xfrd-reload-timeout: 0
remote-control:
    control-enable: no
$keys
zone:
    name: "$zone"
    zonefile: "copy"
    allow-notify: 127.0.0.1 $key
    request-xfr: 127.0.0.1@$ours $key
""")
KNOT = Template("""\
server:
    rundir: "$folder"
    listen: 127.0.0.1@$port
log:
  - target: stdout
    any: info
database:
    storage: "$folder"
$keys
remote:
  - id: primary
    address: 127.0.0.1@$ours
    $with_key
acl:
  - id: primary
    address: 127.0.0.1
    action: notify
    $with_key
zone:
  - domain: "$zone"
    storage: "$folder"
    file: copy
    master: primary
    acl: primary
""")


@dataclass(frozen=True, slots=True)
class Secondary:
    """A server that has a copy of a zone: its configuration, without and with a key, and the command that runs it."""

    config: Template
    plain: Mapping[str, str]
    signed: Mapping[str, str]
    command: Callable[[str], tuple[str, ...]]

    @contextmanager
    def following(self, folder: Path, zone: str, ours: int, port: int, *, signed: bool) -> Iterator[Address]:
        """Run it until it has the zone, and give where it answers."""
        more = self.signed if signed else self.plain
        values = {"folder": folder, "zone": zone, "ours": ours, "port": port, **more}
        path = written(folder, "config", self.config.substitute(values))
        theirs = (HOST, port)
        with started(folder, self.command(path), lambda: serial(theirs, zone) is not None):
            yield theirs


SECONDARIES = {
    "BIND": Secondary(
        BIND,
        {"keys": "", "with_key": ""},
        {"keys": f'key "transfer" {{ algorithm hmac-sha256; secret "{BASE64}"; }};', "with_key": "key transfer"},
        lambda path: ("named", "-g", "-c", path),
    ),
    "NSD": Secondary(
        NSD,
        {"keys": "", "key": "NOKEY"},
        {"keys": f'key:\n  name: transfer\n  algorithm: hmac-sha256\n  secret: "{BASE64}"', "key": "transfer"},
        lambda path: ("nsd", "-d", "-c", path),
    ),
    "Knot": Secondary(
        KNOT,
        {"keys": "", "with_key": ""},
        {
            "keys": f"key:\n  - id: transfer\n    algorithm: hmac-sha256\n    secret: {BASE64}",
            "with_key": "key: transfer",
        },
        lambda path: ("knotd", "-c", path),
    ),
}
FEDERATION = Template("""\
.:$port {
    bind 127.0.0.1
    errors
    transfer {
        to 127.0.0.1:$secondary
    }
    federation myfederation example.com {
        manifests members
        local c1
        ns ns.example.com 192.0.2.53
    }
}
""")
FILE = Template(f"""\
.:$port {{
    bind 127.0.0.1
    errors
    tsig {{
        secret transfer {BASE64}
    }}
    transfer {{
        to 127.0.0.1:$secondary key transfer
    }}
    file zone example.org {{
        reload 100ms
    }}
}}
""")
ZONE = """\
$TTL 300
@ SOA ns hm {serial} 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
ns AAAA ::1
www A 192.0.2.{serial}
www A 192.0.2.100
alias CNAME www
*.wild A 192.0.2.9
d DNAME target
x.target A 192.0.2.5
sub NS ns.sub
ns.sub A 192.0.2.53
big TXT "{long}" "{long}"
svc SVCB 1 www alpn=h2
caa CAA 0 issue "ca.example"
srv SRV 0 5 80 www
_443._tcp TLSA 3 1 0 0102
unk TYPE65300 \\# 3 010203
"""
ZONE_NAMES = [
    (dns.name.from_text(f"{name}.example.org"), rtype)
    for name, rtype in (
        line.split()
        for line in """\
www A
alias A
any.wild A
x.d A
big TXT
svc SVCB
caa CAA
srv SRV
_443._tcp TLSA
unk TYPE65300
sub A
absent A""".splitlines()
    )
]


def serial(address: Address, zone: str) -> int | None:
    """Return the serial of a zone as a server has it."""
    try:
        found = dns.query.udp(question(zone, "SOA"), address[0], port=address[1], timeout=0.5)
    except (dns.exception.Timeout, OSError):
        return None
    return found.answer[0][0].serial if found.answer and found.flags & dns.flags.AA else None


def copied(address: Address, zone: str) -> dns.zone.Zone:
    """Return all of a zone of ours by AXFR, as dnspython reads it."""
    stream = dns.query.xfr(address[0], zone, port=address[1], relativize=False, timeout=10)
    return dns.zone.from_xfr(stream, relativize=False)


def same_answers(ours: Address, theirs: Address, zone: str) -> int:
    """Compare what two servers answer about every name of a zone; return how many questions that were."""
    names = [(name, rdataset.rdtype) for name, node in copied(ours, zone).nodes.items() for rdataset in node]
    asked = [*names, (dns.name.from_text(f"absent.{zone}"), "A"), (dns.name.from_text(zone), "TXT")]
    same(ours, theirs, asked)
    return len(asked)


def write(folder: Path, number: int) -> None:
    """Put a version of the zone into its file at once."""
    (folder / "new").write_text(ZONE.format(serial=number, long="x" * 200))
    (folder / "new").rename(folder / "zone")


def same(ours: Address, theirs: Address, asked: Iterable[tuple[dns.name.Name, str]]) -> None:
    """Compare what two servers answer to questions."""
    for name, rtype in asked:
        told = [ask(address, question(name, rtype), tcp=True) for address in (ours, theirs)]
        said = [(dns.rcode.to_text(one.rcode()), sorted(lines_of(one.answer))) for one in told]
        assert said[0] == said[1], (name, rtype)


@pytest.mark.parametrize("name", SECONDARIES)
def test_a_secondary_of_the_public_domain_follows_the_federation(name, tmp_path):
    port, theirs_port = free_ports(2)
    members = tmp_path / "members"
    world.write(members)
    with running(tmp_path, FEDERATION.substitute(port=port, secondary=theirs_port)) as server:
        ours, label = server.address(HOST, port), f"dns://:{port}"

        def count(rtype: str, outcome: str) -> float:
            return server.metric("fedresolver_transfer_requests_total", label, "example.com.", rtype, outcome)

        with SECONDARIES[name].following(tmp_path / name, "example.com", port, theirs_port, signed=False) as theirs:
            eventually(lambda: serial(theirs, "example.com") == serial(ours, "example.com"))
            assert same_answers(ours, theirs, "example.com") > 50
            whole = count("AXFR", "whole") + count("IXFR", "whole")

            world.move(members, ready=False)
            put(members, "c2", "new.yaml", *world.shard("new", load_balancers=["192.0.2.77", "2001:db8::77"]))
            moved = "new.mynamespace.myfederation.svc.example.com"
            eventually(lambda: ask(ours, question(moved, "AAAA")).answer)
            begin = time.monotonic()
            eventually(lambda: ask(theirs, question(moved, "AAAA")).answer)
            assert time.monotonic() - begin < FOLLOWS
            eventually(lambda: serial(theirs, "example.com") == serial(ours, "example.com"))
            assert count("IXFR", "difference") >= 1
            assert count("AXFR", "whole") + count("IXFR", "whole") == whole
            assert same_answers(ours, theirs, "example.com") > 60
        assert server.metric("fedresolver_panics_total") == 0


@pytest.mark.parametrize("name", SECONDARIES)
def test_a_secondary_of_a_zone_file_follows_it_with_a_key(name, tmp_path):
    port, theirs_port = free_ports(2)
    write(tmp_path, 1)
    with running(tmp_path, FILE.substitute(port=port, secondary=theirs_port)) as server:
        ours, label = server.address(HOST, port), f"dns://:{port}"

        def count(rtype: str, outcome: str) -> float:
            return server.metric("fedresolver_transfer_requests_total", label, "example.org.", rtype, outcome)

        with SECONDARIES[name].following(tmp_path / name, "example.org", port, theirs_port, signed=True) as theirs:
            assert serial(theirs, "example.org") == 1
            for number in (2, 3):
                write(tmp_path, number)
                eventually(lambda number=number: serial(ours, "example.org") == number)
                begin = time.monotonic()
                eventually(lambda number=number: serial(theirs, "example.org") == number)
                assert time.monotonic() - begin < FOLLOWS
                assert count("IXFR", "difference") >= number - 1
                same(ours, theirs, ZONE_NAMES)
        assert server.metric(
            "fedresolver_transfer_notifies_total", label, "example.org.", f"{HOST}:{theirs_port}", "answered"
        )
        assert count("AXFR", "refused") == 0
        assert server.metric("fedresolver_panics_total") == 0
