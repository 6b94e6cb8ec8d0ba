"""A large zone is transferred to Knot, and answers are asked for meanwhile."""

import contextlib
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dns.message

from bench.check import exchange
from bench.figure import OURS, Figure, percentile, ratio
from bench.process import BenchError, Cores, Process, free_port, running
from bench.progress import say
from bench.queries import query
from bench.servers.fedresolver import run
from bench.tools import Programs
from bench.world import World
from bench.zones.truth import ZONE, ZoneTruth, name_of

NAME = "zone-transfer"
RECORDS = 100_000
ROUNDS = 5
LIMIT_RATIO = 3.0
LIMIT_SECONDS = 0.005
TIMEOUT = 120.0
SECONDS = 5.0
"""How long answers are asked for, beside transfers that follow each other without a pause."""
COREFILE = """\
.:{port} {{
    bind 127.0.0.1
    errors
    transfer {{
        to *
    }}
    file zone {zone}
}}
"""
NSD = """\
server:
    ip-address: 127.0.0.1@{port}
    server-count: 1
    username: ""
    chroot: ""
    database: ""
    zonesdir: "{folder}"
    pidfile: ""
    xfrdfile: "{folder}/xfrd"
    xfrdir: "{folder}"
    zonelistfile: "{folder}/zones"
remote-control:
    control-enable: no
zone:
    name: "{zone}"
    zonefile: zone
    provide-xfr: 127.0.0.1 NOKEY
"""
KNOT = """\
server:
    rundir: "{folder}"
    listen: 127.0.0.1@{port}
log:
  - target: stdout
    any: info
database:
    storage: "{folder}"
remote:
  - id: primary
    address: 127.0.0.1@{primary}
zone:
  - domain: "{zone}"
    storage: "{folder}"
    file: copy
    master: primary
"""
FINISHED = re.compile(r"AXFR, incoming, .* finished, ([0-9.]+) seconds")


def measure(folder: Path, cores: Cores, _: Programs) -> list[Figure]:
    """Have Knot take the zone from NSD and from us in turn, and then ask us for answers during transfers."""
    zone = ZoneTruth(World(RECORDS)).zone(ZONE)
    with contextlib.ExitStack() as stack:
        ports: dict[str, int] = {}
        for name, command in (("nsd", nsd), (OURS, ours)):
            place = folder / name
            place.mkdir()
            (place / "zone").write_text(zone)
            ports[name] = free_port()
            argv = command(place, ports[name])
            process = stack.enter_context(running(name, argv, place / "log", cores.server))
            await_zone(process, ports[name])
        seconds: dict[str, list[float]] = {name: [] for name in ports}
        for number in range(ROUNDS):
            say(f"{NAME}: round {number + 1} of {ROUNDS}")
            for name, port in ports.items():
                seconds[name].append(to_knot(folder / f"knot-{name}-{number}", port, cores.load))
        quiet = waits(ports[OURS])
        with asked_again_and_again(ports[OURS]):
            busy = waits(ports[OURS])
    return [
        *(Figure(NAME, f"from {name}, median", statistics.median(found), "s") for name, found in seconds.items()),
        Figure(NAME, "ours / nsd", ratio(seconds[OURS], seconds["nsd"]), "", LIMIT_RATIO),
        Figure(NAME, "p99 of answers without transfers", percentile(quiet, 99) * 1e3, "ms"),
        Figure(NAME, "p99 of answers meanwhile", percentile(busy, 99) * 1e3, "ms", LIMIT_SECONDS * 1e3),
    ]


def nsd(folder: Path, port: int) -> list[str]:
    """Return the command of NSD."""
    (folder / "conf").write_text(NSD.format(folder=folder, port=port, zone=ZONE))
    return ["/usr/sbin/nsd", "-d", "-c", str(folder / "conf")]


def ours(folder: Path, port: int) -> list[str]:
    """Return our command."""
    return run(folder, COREFILE.format(port=port, zone=ZONE))


def await_zone(process: Process, port: int) -> None:
    """Wait until a server has all of the zone."""
    message, deadline = query(name_of(RECORDS)).to_wire(), time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        process.check_alive()
        with contextlib.suppress(OSError):
            if exchange(message, port, 1.0)[6:8] == b"\0\1":
                return
    raise BenchError(f"{process.name} has not read its zone after {TIMEOUT:.0f} s; its log is {process.log}")


def to_knot(folder: Path, primary: int, core: int) -> float:
    """Return in how many seconds a Knot that has nothing takes the zone, by its own clock."""
    folder.mkdir()
    (folder / "conf").write_text(KNOT.format(folder=folder, port=free_port(), primary=primary, zone=ZONE))
    argv = ["/usr/sbin/knotd", "-c", str(folder / "conf")]
    with running("knot", argv, folder / "log", core) as process:
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            process.check_alive()
            if found := FINISHED.search(process.log.read_text()):
                return float(found[1])
            time.sleep(0.01)
    raise BenchError(f"Knot has no zone after {TIMEOUT:.0f} s; its log is {folder / 'log'}")


def waits(port: int) -> list[float]:
    """Ask for names of the zone one after the other; return how many seconds each of the answers took."""
    found: list[float] = []
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        message = query(name_of(len(found) * 7919 % RECORDS + 1)).to_wire()
        asked = time.perf_counter()
        exchange(message, port)
        found.append(time.perf_counter() - asked)
    return found


@contextlib.contextmanager
def asked_again_and_again(port: int) -> Iterator[None]:
    """Have the zone transferred again and again by another process, to nobody who does anything with it."""
    with subprocess.Popen([sys.executable, "-m", "bench.zones.transferring", str(port)]) as process:
        try:
            yield
            if process.poll() is not None:
                raise BenchError("whoever asked for the zone has ended")
        finally:
            process.kill()


def transfer(port: int) -> None:
    """Take the zone, and look at nothing but where it ends."""
    message = dns.message.make_query(ZONE, "AXFR").to_wire()
    with socket.create_connection(("127.0.0.1", port)) as sock, sock.makefile("rb", 1 << 18) as stream:
        sock.sendall(len(message).to_bytes(2) + message)
        soas = 0
        while soas < 2:
            octets = stream.read(int.from_bytes(stream.read(2)))
            if not octets:
                raise BenchError("the transfer was broken off")
            soas += octets.count(b"\xc0\x0c\0\6\0\1")


if __name__ == "__main__":
    while True:
        transfer(int(sys.argv[1]))
