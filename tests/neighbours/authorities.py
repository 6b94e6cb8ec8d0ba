"""Other servers that answer from zone files: each with the same zones as we, on a port of 127.0.0.1."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

from tests.support.ask import Address, ask, question
from tests.support.deadline import eventually
from tests.support.running import free_ports

BIND = Template("""\
options {
    directory "$folder";
    listen-on port $port { 127.0.0.1; };
    listen-on-v6 { none; };
    recursion no;
    minimal-responses yes;
    notify no;
    zero-no-soa-ttl no;
    pid-file none;
    session-keyfile none;
};
controls { };
""")
BIND_ZONE = Template('zone "$apex" { type primary; file "$file"; check-names ignore; };\n')
NSD = Template("""\
server:
    ip-address: 127.0.0.1@$port
    server-count: 1
    username: ""
    chroot: ""
    database: ""
    zonesdir: "$folder"
    pidfile: "$folder/pid"
    xfrdfile: "$folder/xfrd"
    xfrdir: "$folder"
    zonelistfile: "$folder/zones"
    rrl-ratelimit: 0
    minimal-responses: yes
remote-control:
    control-enable: no
""")
NSD_ZONE = Template('zone:\n    name: "$apex"\n    zonefile: "$file"\n')


@dataclass(frozen=True, slots=True)
class Authority:
    """A server, its configuration, what that says of a zone, and the command that runs it with the file."""

    name: str
    text: Template
    zone: Template
    command: Callable[[str], list[str]]
    strict: bool = False
    """Whether it refuses a zone with data below a DNAME."""
    minimal: bool = False
    """Whether it leaves addresses out of a referral that can be found otherwise."""
    crosses: bool = False
    """Whether it follows a chain from one of its zones into another."""

    @contextmanager
    def running(self, folder: Path, zones: Mapping[str, str]) -> Iterator[Address]:
        """Run it with zones by name, as text; AssertionError with what it printed when it does not answer."""
        (port,) = free_ports(1)
        text = self.text.substitute(folder=folder, port=port)
        for apex, records in zones.items():
            (folder / f"{apex}.zone").write_text(records)
            text += self.zone.substitute(apex=apex, file=f"{apex}.zone")
        (folder / "conf").write_text(text)
        address, log = ("127.0.0.1", port), folder / "log"
        with (
            log.open("wb") as out,
            subprocess.Popen(self.command(str(folder / "conf")), stdout=out, stderr=out) as child,
        ):
            try:
                eventually(lambda: child.poll() is not None or all(_answers(address, apex) for apex in zones), 20)
                assert child.poll() is None, log.read_text()
                yield address
            finally:
                child.terminate()


def _answers(address: Address, apex: str) -> bool:
    try:
        return bool(ask(address, question(apex, "SOA")).answer)
    except OSError:
        return False


AUTHORITIES = [
    Authority("BIND", BIND, BIND_ZONE, lambda path: ["/usr/sbin/named", "-g", "-c", path], minimal=True),
    Authority("NSD", NSD, NSD_ZONE, lambda path: ["/usr/sbin/nsd", "-d", "-c", path], strict=True, crosses=True),
]
