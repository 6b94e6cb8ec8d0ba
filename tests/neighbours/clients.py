"""The stub resolvers: what each is asked with, and what it says."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.network import Host
from tests.tools import golang

PROGRAMS = Path(__file__).parent / "programs"
HOST = "host"
"""The addresses of a name, as programs ask for them who know nothing of DNS."""
V4 = "v4"
"""Its A records, as Node's programs ask for them who do."""
SRV = "srv"
"""The services behind a name: `80:target`."""


@dataclass(frozen=True, slots=True)
class Client:
    """A stub resolver; the words are its command, in which `{folder}` is where what was built for it is."""

    name: str
    words: tuple[str, ...]
    absent: Mapping[str, str]
    """What it says of a name that does not exist, by kind of question; other kinds it cannot be asked."""
    searches: frozenset[str] = field(default_factory=frozenset)
    """The kinds of question for which it uses the search path."""

    def ask(self, host: Host, folder: Path, kind: str, name: str) -> set[str]:
        """Return the addresses or services that it finds, or what it says instead."""
        words = (word.format(folder=folder, programs=PROGRAMS) for word in self.words)
        _, *found = host.must(*words, f"{kind}:{name}").strip().split("\t")
        return set(found)


@dataclass(frozen=True, slots=True)
class BusyBox(Client):
    """BusyBox's `nslookup`, whose output is for people."""

    def ask(self, host: Host, folder: Path, kind: str, name: str) -> set[str]:
        """Return the addresses or services that it finds, or what it says instead."""
        done = host.run(*self.words, *(("-type=srv",) if kind == SRV else ()), name)
        assert done.returncode in (0, 1), done.stderr
        text = done.stdout
        if failed := re.findall(r"can't find \S+ (\S+)", text):
            return set(failed)
        if kind == SRV:
            return {f"{port}:{target}" for port, target in re.findall(r"service = \d+ \d+ (\d+) (\S+)", text)}
        return set(re.findall(r"^Name:\t.*\nAddress: (\S+)$", text, re.MULTILINE))


CLIENTS = [
    Client("glibc", ("{folder}/glibc",), {HOST: "EAI_NONAME", SRV: "NONE"}, frozenset({HOST, SRV})),
    Client("musl", ("{folder}/musl",), {HOST: "EAI_NONAME", SRV: "NONE"}, frozenset({HOST})),
    Client("c-ares", ("{folder}/cares",), dict.fromkeys((HOST, SRV), "Domain name not found"), frozenset({HOST, SRV})),
    Client("Go", ("{folder}/golang",), dict.fromkeys((HOST, SRV), "no such host"), frozenset({HOST, SRV})),
    Client("Node", ("node", "{programs}/client.js"), dict.fromkeys((HOST, V4, SRV), "ENOTFOUND"), frozenset({HOST})),
    Client(
        "Java",
        ("java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", "{folder}", "Client"),
        {HOST: "UnknownHostException", SRV: "NameNotFoundException"},
        frozenset({HOST}),
    ),
    BusyBox("BusyBox", ("busybox", "nslookup"), dict.fromkeys((HOST, SRV), "NXDOMAIN")),
]


def build(folder: Path) -> None:
    """Build what they need from its source; AssertionError when a compiler fails or is not there."""
    built, go = str(folder), golang.find()
    assert go, f"the test of Go's resolver needs {golang.HOW_TO_GET}"
    for command in (
        ("gcc", "-o", f"{built}/glibc", "libc.c", "-lresolv"),
        ("musl-gcc", "-static", "-o", f"{built}/musl", "libc.c"),
        ("gcc", "-o", f"{built}/cares", "cares.c", "-lcares"),
        ("env", "CGO_ENABLED=0", go, "build", "-C", "golang", "-o", f"{built}/golang", "."),
        ("javac", "-d", built, "Client.java"),
    ):
        run(command)


def run(command: tuple[str, ...]) -> None:
    """Run a command among the programs; AssertionError with what it says when it fails."""
    assert shutil.which(command[0]), f"{command[0]} is missing; `make test` installs it"
    done = subprocess.run(
        command, cwd=PROGRAMS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}"
