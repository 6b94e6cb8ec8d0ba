"""What the benchmark runs besides fedresolver: installed, or built once into a cache."""

import hashlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.process import BenchError
from bench.progress import say
from tests.tools import golang

HERE = Path(__file__).parent
INSTALL = HERE.parent / "tests" / "tools" / "install"
NO_GO = f"the CoreDNS columns need {golang.HOW_TO_GET}, or leave them out with --no-coredns"


@dataclass(frozen=True, slots=True)
class Programs:
    """What we are compared to and was built; `coredns` is None where it is left out."""

    floor: Path
    coredns: Path | None


def install() -> None:
    """Install from Debian what is missing; BenchError when that fails."""
    run([str(INSTALL), "dnsperf", "nsd", "knotd", "unbound", "dnsmasq", "gcc"])


def compiled(source: Path) -> Path:
    """Return the program of a C file, built if need be."""
    binary = cached(source.stem, source)
    if not binary.exists():
        build(["gcc", "-O2", "-o", f"{binary}.new", str(source)], binary)
    return binary


def coredns() -> Path:
    """Return CoreDNS, built if need be; BenchError when there is no Go for it."""
    folder = HERE / "coredns"
    binary = cached("coredns", folder / "go.sum", folder / "main.go")
    if not binary.exists():
        build([go(), "build", "-C", str(folder), "-o", f"{binary}.new", "."], binary)
    return binary


def cached(name: str, *sources: Path) -> Path:
    """Return where the program made from these sources is kept."""
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]
    return cache() / f"{name}-{digest}"


def cache() -> Path:
    """Return the folder that outlives the runs."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "fedresolver" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def build(argv: list[str], binary: Path) -> None:
    """Run a command that makes `binary.new`, and give it its name when it is whole."""
    say(f"building {binary} (once)")
    run(argv)
    Path(f"{binary}.new").rename(binary)


def go() -> str:
    """Return the path of a Go that is new enough; BenchError otherwise."""
    if found := golang.find():
        return found
    raise BenchError(NO_GO)


def run(argv: list[str]) -> None:
    """Run a command; BenchError with its last line of output when it fails."""
    done = captured(argv)
    if done.returncode:
        last = done.stdout.strip().split("\n")[-1]
        raise BenchError(f"{' '.join(argv)} failed with code {done.returncode}: {last}")


def output(argv: list[str]) -> str:
    """Return what a command prints on stdout and stderr; nothing when it cannot be run."""
    try:
        return captured(argv).stdout
    except OSError:
        return ""


def captured(argv: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command and return its code and what it prints on stdout and stderr."""
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
