"""Answers over UDP while strangers hold 10,000 connections, and do nothing with them."""

import contextlib
import ssl
import statistics
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import load
from bench.check import Asked
from bench.figure import OURS, Figure, percentile, ratio
from bench.process import BenchError, Cores, Process, WrongAnswerError, free_port, running
from bench.progress import say
from bench.queries import local
from bench.rounds import certificate
from bench.servers import Site
from bench.servers.fedresolver import Fedresolver
from bench.tools import compiled
from bench.truth import Truth
from bench.world import World

HOLD = Path(__file__).parent / "hold.c"
SERVICES = 1000
CONNECTIONS = 10_000
QUERIES_A_SECOND = 5000
ROUNDS = 5
SECONDS = 4.0
LIMIT_P99 = 1.25


@dataclass(frozen=True, slots=True)
class Attack:
    """What 10,000 connections do: over TLS they have said hello, and they send so many octets in a second."""

    name: str
    tls: bool = False
    hello: bool = False
    octets: int = 0


ATTACKS = (
    Attack("attack-idle"),
    Attack("attack-octets", octets=1),
    Attack("attack-tls-idle", tls=True),
    Attack("attack-tls-hello", tls=True, hello=True),
)
NAMES = tuple(attack.name for attack in ATTACKS)


def measure(names: list[str], folder: Path, cores: Cores) -> list[Figure]:
    """Attack a server in each of these ways, and ask it over UDP meanwhile, in turn with nobody attacking."""
    load.write(folder / "queries", local(SERVICES)(0))
    return [figure for attack in ATTACKS if attack.name in names for figure in figures(attack, folder, cores)]


def figures(attack: Attack, folder: Path, cores: Cores) -> list[Figure]:
    """Return the p99 with and without an attack, and the memory that it takes."""
    quiet: list[float] = []
    loud: list[float] = []
    with served(folder / attack.name, cores) as (process, site):
        p99(folder / "queries", site)
        before = process.resident()
        process.forget_peak()
        for number in range(1, ROUNDS + 1):
            say(f"{attack.name}: round {number} of {ROUNDS}")
            quiet.append(p99(folder / "queries", site))
            with held(attack, site):
                loud.append(p99(folder / "queries", site))
            process.check_alive()
        memory = process.peak() - before
    return [
        Figure(attack.name, "p99, quiet", statistics.median(quiet), "ms"),
        Figure(attack.name, "p99, attacked", statistics.median(loud), "ms"),
        Figure(attack.name, "attacked / quiet", ratio(loud, quiet), "", LIMIT_P99),
        Figure(attack.name, "largest / least of the quiet", max(quiet) / min(quiet), ""),
        Figure(attack.name, "memory that it takes", memory, "MiB"),
    ]


@contextlib.contextmanager
def served(folder: Path, cores: Cores) -> Iterator[tuple[Process, Site]]:
    """Run fedresolver, which answers over UDP, TCP and TLS."""
    folder.mkdir()
    certificate(folder)
    (first,) = local(1)(1)
    truth = Truth(World(SERVICES))
    site = Site(folder=folder, port=free_port(), tls_port=free_port(), truth=truth, first=first)
    with running(OURS, Fedresolver().command(site), folder / "log", cores.server) as process:
        Asked(OURS, site.port, truth, ages=False).wait(first, process)
        yield process, site


@contextlib.contextmanager
def held(attack: Attack, site: Site) -> Iterator[None]:
    """Hold 10,000 connections, each of which was opened at least once before this is given."""
    said = site.folder / "said"
    said.write_bytes(hello() if attack.hello else b"")
    port = site.tls_port if attack.tls else site.port
    words = [str(compiled(HOLD)), str(port), str(CONNECTIONS), str(said), str(attack.octets)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        if process.stdout.readline() != b"held\n":
            raise BenchError(f"{attack.name}: {words[0]} ended with code {process.wait()}")
        yield


def hello() -> bytes:
    """Return the octets with which a client of TLS begins."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1").do_handshake()
    return outgoing.read()


def p99(queries: Path, site: Site) -> float:
    """Return how many milliseconds 99 % of the answers take at most; WrongAnswerError when one is wrong."""
    answers = load.paced(queries, site.port, seconds=SECONDS, rate=QUERIES_A_SECOND)
    if set(answers.rcodes) != {"NOERROR"}:
        raise WrongAnswerError(f"{OURS} while it is attacked: {answers.rcodes}, right is NOERROR only")
    return 1000 * percentile(answers.seconds, 99)
