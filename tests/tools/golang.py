"""Programs built from the Go modules of this repository, once, into a cache; and where a Go is that can build them.

Debian 12 has none that is new enough.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATHS = ("go", "/usr/local/go/bin/go")
OLDEST = (1, 25)
HOW_TO_GET = "Go 1.25 or newer: unpack one of https://go.dev/dl/ to /usr/local/go"


class BuildError(Exception):
    """A program that is not there cannot be built; the message says why."""


@dataclass(frozen=True, slots=True)
class Module:
    """A folder with `go.mod` and `go.sum`, whose programs are kept in `~/.cache/fedresolver/KEPT`, by what these two say."""

    folder: Path
    kept: str
    need: str
    """Who needs it, for the message when there is no Go."""

    def cache(self) -> Path:
        """Return the folder that holds what is built from the module as it is now."""
        digest = hashlib.sha256(
            b"".join((self.folder / name).read_bytes() for name in ("go.mod", "go.sum"))
        ).hexdigest()
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return root / "fedresolver" / self.kept / digest[:12]

    def required(self, path: str) -> str:
        """Return the version in which it requires another module, as a program built from a module does not know its own."""
        found = re.search(rf"{re.escape(path)} (v\S+)", (self.folder / "go.mod").read_text())
        if not found:
            raise BuildError(f"{self.folder}/go.mod does not require {path}")
        return found[1]

    def made(self, name: str, package: str, *, linked: str = "", flags: tuple[str, ...] = ()) -> Path:
        """Build a package into the cache, unless it is there, and return the program's path; BuildError when that fails."""
        binary = self.cache() / name
        binary.parent.mkdir(parents=True, exist_ok=True)
        with alone(binary.parent / "lock"):
            if not binary.exists():  # the one before us may have made it
                self._build(binary, package, ("-trimpath", "-ldflags", f"-s -w {linked}", *flags))
        return binary

    def _build(self, binary: Path, package: str, flags: tuple[str, ...]) -> None:
        """Make a program, which gets its name when it is whole."""
        go = find()
        if not go:
            raise BuildError(f"{self.need}, and to build it {HOW_TO_GET}")
        say(f"building {binary} from {package} (once; it takes some minutes)")
        half = binary.with_suffix(".new")
        done = subprocess.run(
            ["nice", "-n", "19", go, "build", "-C", str(self.folder), *flags, "-o", str(half), package],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env=os.environ | {"CGO_ENABLED": "0"},
        )
        if done.returncode:
            raise BuildError(f"go build {package} failed: {done.stdout.strip().splitlines()[-1:]}")
        half.rename(binary)


def find() -> str | None:
    """Return the path of a Go that is new enough, if there is one."""
    for name in PATHS:
        if (path := shutil.which(name)) and version(output([path, "version"])) >= OLDEST:
            return path
    return None


def version(text: str) -> tuple[int, int]:
    """Return major and minor version out of what `go version` prints."""
    found = re.search(r"go(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def output(argv: list[str]) -> str:
    """Return what a command prints; nothing when it cannot be run."""
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until no other process is in here."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another one who builds in {path.parent}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def say(what: str) -> None:
    """Tell the one who waits what is being done."""
    sys.stderr.write(f"tools: {what}\n")
    sys.stderr.flush()


def listed(programs: Callable[[], Mapping[str, Path]]) -> int:
    """Print the programs' names and paths, a line each, and return the exit code."""
    try:
        found = programs()
    except BuildError as error:
        say(str(error))
        return 1
    sys.stdout.writelines(f"{name} {path}\n" for name, path in found.items())
    return 0
