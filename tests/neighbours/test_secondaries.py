"""BIND, NSD and Knot with copies of our zones: they get them, follow within two seconds, and answer what we answer."""

import time
from collections.abc import Callable, Iterator
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
zone "$zone" {
    type secondary;
    primaries { 127.0.0.1 port $ours; };
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
zone:
    name: "$zone"
    zonefile: "copy"
    allow-notify: 127.0.0.1 NOKEY
    request-xfr: 127.0.0.1@$ours NOKEY
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
remote:
  - id: primary
    address: 127.0.0.1@$ours
acl:
  - id: primary
    address: 127.0.0.1
    action: notify
zone:
  - domain: "$zone"
    storage: "$folder"
    file: copy
    master: primary
    acl: primary
""")


@dataclass(frozen=True, slots=True)
class Secondary:
    """A server that has a copy of a zone: its configuration, and the command that runs it."""

    config: Template
    command: Callable[[str], tuple[str, ...]]

    @contextmanager
    def following(self, folder: Path, zone: str, ours: int, port: int) -> Iterator[Address]:
        """Run it until it has the zone, and give where it answers."""
        values = {"folder": folder, "zone": zone, "ours": ours, "port": port}
        path = written(folder, "config", self.config.substitute(values))
        theirs = (HOST, port)
        with started(folder, self.command(path), lambda: serial(theirs, zone) is not None):
            yield theirs


SECONDARIES = {
    "BIND": Secondary(BIND, lambda path: ("named", "-g", "-c", path)),
    "NSD": Secondary(NSD, lambda path: ("nsd", "-d", "-c", path)),
    "Knot": Secondary(KNOT, lambda path: ("knotd", "-c", path)),
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
    for name, rtype in asked:
        told = [ask(address, question(name, rtype), tcp=True) for address in (ours, theirs)]
        said = [(dns.rcode.to_text(one.rcode()), sorted(lines_of(one.answer))) for one in told]
        assert said[0] == said[1], (name, rtype)
    return len(asked)


@pytest.mark.parametrize("name", SECONDARIES)
def test_a_secondary_of_the_public_domain_follows_the_federation(name, tmp_path):
    port, theirs_port = free_ports(2)
    members = tmp_path / "members"
    world.write(members)
    with running(tmp_path, FEDERATION.substitute(port=port, secondary=theirs_port)) as server:
        ours, label = server.address(HOST, port), f"dns://:{port}"

        def count(rtype: str, outcome: str) -> float:
            return server.metric("fedresolver_transfer_requests_total", label, "example.com.", rtype, outcome)

        with SECONDARIES[name].following(tmp_path / name, "example.com", port, theirs_port) as theirs:
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
