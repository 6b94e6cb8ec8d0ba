"""From a change of endpoints, acknowledged by a real API server, to the changed answer, beside CoreDNS."""

import contextlib
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dns.rcode

from bench.clusters import content, setup
from bench.clusters.asker import Asker, asking
from bench.clusters.planes import Planes
from bench.figure import Figure, percentile
from bench.process import Cores, Process, free_port, running
from bench.progress import say
from bench.queries import query
from bench.start import TIMEOUT, wait_ready
from bench.truth import SUFFIX, Answer
from bench.world import CLUSTER_DOMAIN, LOCAL, NAMESPACE, endpoint_slice
from tests.e2e.api import Api

NAME = "convergence"
WRITES = 200
"""As many for each server."""

BLOCK = 20
"""Writes that are seen at one server until it is the other's turn."""

PAUSE_SECONDS = 0.02
"""From a change that was seen to the next one."""

LIMITS_MS = {50: 3.0, 95: 6.0}
LIMITS_COREDNS = {50: 3.0, 95: 4.0}
"""By percentile: ours at most, as a multiple of CoreDNS's."""

Right = dict[bool, Answer]
"""What is right while the endpoints of the pulse are ready, and while they are not."""

OUR_RIGHT = {state: Answer(dns.rcode.NOERROR, frozenset(content.pulse(ready=state))) for state in (True, False)}
OUR_NAME = f"{content.PULSE}.{SUFFIX}"
THEIR_NAME = f"{content.PULSE}.{NAMESPACE}.svc.{CLUSTER_DOMAIN}"
THEIR_RIGHT = {
    True: Answer(dns.rcode.NOERROR, frozenset((THEIR_NAME, 5, "A", address) for address in content.ENDPOINTS)),
    False: Answer(dns.rcode.NXDOMAIN, frozenset(), CLUSTER_DOMAIN),
}


@dataclass(frozen=True, slots=True)
class Watched:
    """A server whose answer for the pulse is watched."""

    process: Process
    asker: Asker
    right: Right
    seconds: list[float] = field(default_factory=list)
    """From each acknowledgement to the changed answer."""

    def change(self, api: Api, *, ready: bool) -> None:
        """Write the state of the endpoints and note how long the answer took; WrongAnswerError if it is wrong."""
        acknowledged = write(api, ready=ready)
        self.seconds.append(self.asker.until(self.right[ready], self.right[not ready]) - acknowledged)
        time.sleep(PAUSE_SECONDS)
        self.asker.check(self.right[ready])


def measure(folder: Path, cores: Cores, planes: Planes, coredns: Path | None) -> list[Figure]:
    """Change the endpoints again and again, and see each change at one server; the servers take turns."""
    planes.write_kubeconfig(folder / "kubeconfig")
    api = planes.by_member[LOCAL].admin
    write(api, ready=True)
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(ours(folder, cores))]
        if coredns:
            servers.append(stack.enter_context(theirs(coredns, folder, cores)))
        for block in range(WRITES // BLOCK):
            say(f"{NAME}: {block * BLOCK} of {WRITES} writes")
            for server in servers:
                with alone(server, servers):
                    for number in range(BLOCK):
                        server.change(api, ready=bool(number % 2))
        return figures(*(server.seconds for server in servers))


def write(api: Api, *, ready: bool) -> float:
    """Replace the EndpointSlice of the pulse, and return when that was acknowledged."""
    api.put(f"{content.SLICES}/{content.PULSE}-1", endpoint_slice(content.PULSE, ready=ready))
    return time.monotonic()


@contextlib.contextmanager
def alone(server: Watched, servers: Sequence[Watched]) -> Iterator[None]:
    """Stop the other servers: they hear of the same changes, and would take the core from this one."""
    others = [one.process.popen for one in servers if one is not server]
    for other in others:
        other.send_signal(signal.SIGSTOP)
    server.asker.until(server.right[True], server.right[False])  # until it has heard what it missed
    try:
        yield
    finally:
        for other in others:
            other.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def ours(folder: Path, cores: Cores) -> Iterator[Watched]:
    """Run fedresolver with all members."""
    port, ready = free_port(), free_port()
    argv = setup.ours(folder, port, ready, setup.NO_PROBE)
    with (
        running("fedresolver", argv, folder / "log", cores.server) as process,
        asking("fedresolver", port, query(OUR_NAME).to_wire()) as asker,
    ):
        wait_ready(process, ready, time.monotonic() + TIMEOUT)
        asker.wait(OUR_RIGHT[True])
        yield Watched(process, asker, OUR_RIGHT)


@contextlib.contextmanager
def theirs(coredns: Path, folder: Path, cores: Cores) -> Iterator[Watched]:
    """Run CoreDNS with the local member."""
    port, ready = free_port(), free_port()
    argv = setup.coredns(coredns, folder, port, ready)
    with (
        running("coredns", argv, folder / "log.coredns", cores.server) as process,
        asking("coredns", port, query(THEIR_NAME).to_wire()) as asker,
    ):
        wait_ready(process, ready, time.monotonic() + TIMEOUT)
        asker.wait(THEIR_RIGHT[True])
        yield Watched(process, asker, THEIR_RIGHT)


def figures(ours: Sequence[float], theirs: Sequence[float] = ()) -> list[Figure]:
    """Return the percentiles of the times in seconds, ours beside those of CoreDNS where it was there."""
    found = []
    for part, limit in LIMITS_MS.items():
        found.append(Figure(NAME, f"p{part}", 1000 * percentile(ours, part), "ms", limit))
    for part, limit in LIMITS_COREDNS.items() if theirs else ():
        other = percentile(theirs, part)
        found.append(Figure(NAME, f"coredns p{part}", 1000 * other, "ms"))
        found.append(Figure(NAME, f"p{part}, ours / coredns", percentile(ours, part) / other, "", limit))
    return found
