"""The DNS servers that we have zones from: their configurations, with and without signatures."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

from tests.support.ask import ask, question
from tests.support.deadline import eventually
from tests.support.signed import BASE64

HOST = "127.0.0.1"
ZONE = "example.org"
KEY = "transfer.example.org"
BIND = Template("""\
options {
    directory "$folder";
    listen-on port $port { 127.0.0.1; };
    listen-on-v6 { none; };
    pid-file none;
    session-keyfile none;
    recursion no;
    dnssec-validation no;
    notify explicit;
    notify-delay 0;
    startup-notify-rate 1000;
    notify-rate 1000;
    ixfr-from-differences yes;
};
key "$key" { algorithm hmac-sha256; secret "$secret"; };
zone "$zone" {
    type primary;
    file "zone";
    also-notify { 127.0.0.1 port $ours $bind_key; };
    allow-transfer { $bind_allow; };
};
controls { };
""")
NSD = Template("""\
server:
    ip-address: 127.0.0.1@$port
    username: ""
    chroot: ""
    zonesdir: "$folder"
    zonelistfile: "$folder/zone.list"
    database: ""
    pidfile: "$folder/nsd.pid"
    xfrdfile: "$folder/xfrd.state"
    xfrdir: "$folder"
    server-count: 1
    zonefiles-check: yes
remote-control:
    control-enable: no
key:
    name: "$key"
    algorithm: hmac-sha256
    secret: "$secret"
zone:
    name: "$zone"
    zonefile: "zone"
    notify: 127.0.0.1@$ours $nsd_key
    provide-xfr: 127.0.0.1 $nsd_key
""")
KNOT = Template("""\
server:
    listen: 127.0.0.1@$port
    rundir: "$folder"
database:
    storage: "$folder"
log:
  - target: stderr
    any: info
key:
  - id: $key
    algorithm: hmac-sha256
    secret: $secret
remote:
  - id: ours
    address: 127.0.0.1@$ours
    $knot_key
acl:
  - id: ours
    address: 127.0.0.1
    action: transfer
    $knot_key
zone:
  - domain: $zone
    storage: "$folder"
    file: zone
    notify: ours
    acl: ours
    zonefile-load: difference
    zonefile-sync: -1
    journal-content: changes
""")


@dataclass(frozen=True, slots=True)
class Software:
    """A DNS server: its configuration, the command that runs it with a file, and whether it gives differences."""

    name: str
    configuration: Template
    command: Callable[[Path], list[str]]
    has_differences: bool


class Primary:
    """A primary that runs at a port, with a zone file that a test writes."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path, port: int) -> None:
        self._process = process
        self._folder = folder
        self.address = (HOST, port)

    def change(self, text: str) -> None:
        """Serve another zone, and return when it does."""
        (self._folder / "zone").write_text(text)
        self._process.send_signal(signal.SIGHUP)
        serial = text.split("SOA", 1)[1].split()[2]
        eventually(lambda: self.serial() == int(serial))

    def serial(self) -> int | None:
        """Return the serial that it answers; None for none."""
        try:
            found = ask(self.address, question(ZONE, "SOA")).answer
        except (OSError, TimeoutError):
            return None
        return int(found[0][0].serial) if found else None

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()


@contextmanager
def running(software: Software, folder: Path, text: str, ports: tuple[int, int], *, signed: bool) -> Iterator[Primary]:
    """Give a primary of a zone at the first port, which tells us of changes at the second."""
    folder.mkdir()
    port, ours = ports
    (folder / "zone").write_text(text)
    configuration = folder / "configuration"
    configuration.write_text(
        software.configuration.substitute(
            folder=folder,
            port=port,
            ours=ours,
            zone=ZONE,
            key=KEY,
            secret=BASE64,
            bind_key=f"key {KEY}" if signed else "",
            bind_allow=f"key {KEY}" if signed else "any",
            nsd_key=KEY if signed else "NOKEY",
            knot_key=f"key: {KEY}" if signed else "",
        )
    )
    log = folder / "log"
    with log.open("wb") as out, subprocess.Popen(software.command(configuration), stdout=out, stderr=out) as process:
        primary = Primary(process, folder, port)
        try:
            eventually(lambda: process.poll() is not None or primary.serial())
            assert process.poll() is None, log.read_text()
            yield primary
        finally:
            process.terminate()


SOFTWARE = [
    Software("BIND", BIND, lambda file: ["named", "-g", "-c", str(file)], has_differences=True),
    Software("NSD", NSD, lambda file: ["nsd", "-d", "-c", str(file)], has_differences=False),
    Software("Knot", KNOT, lambda file: ["knotd", "-c", str(file)], has_differences=True),
]
