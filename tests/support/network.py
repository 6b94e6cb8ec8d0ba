"""Two hosts on one wire, each with a network and files of its own: Linux namespaces in which we are root."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

SECONDS = 30.0
"""How long a command on a host may take before a test fails."""
_HOLD = ("unshare", "--net", "--mount", "sh", "-c", "echo held && exec cat")
_NAMES = "hosts: files dns\n"
Record = tuple[str, int, str, str]
"""Owner, TTL, type, data."""


class Host:
    """A network and a mount namespace, which end with the process that holds them."""

    def __init__(self, holder: "subprocess.Popen[str]", folder: Path) -> None:
        self._pid = holder.pid
        self._resolv_conf = folder / "resolv.conf"
        self.environ = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder)}
        """The variables of its programs."""
        (folder / "nsswitch.conf").write_text(_NAMES)
        self._resolv_conf.touch()
        self.must("ip", "link", "set", "lo", "up")
        for name in ("resolv.conf", "nsswitch.conf"):
            if Path("/etc", name).exists():
                self.must("mount", "--bind", str(folder / name), f"/etc/{name}")

    @property
    def inside(self) -> tuple[str, ...]:
        """The command that becomes another one on this host."""
        spaces = ("--user", "--net", "--mount", "--target", str(self._pid))
        return ("nsenter", "--preserve-credentials", *spaces, "--")

    def run(self, *argv: str) -> "subprocess.CompletedProcess[str]":
        """Return what a command does on this host, with nothing of our environment."""
        whole = (*self.inside, *argv)
        return subprocess.run(
            whole, capture_output=True, text=True, timeout=SECONDS, check=False, env=self.environ, cwd="/"
        )

    def must(self, *argv: str) -> str:
        """Return what a command prints; AssertionError with its words when it fails."""
        done = self.run(*argv)
        assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr or done.stdout}"
        return done.stdout

    def resolv_conf(self, text: str) -> None:
        """Have this /etc/resolv.conf."""
        self._resolv_conf.write_text(text)

    def dig(self, server: str, *words: str) -> "Said":
        """Return what a server says, read by dig, which asks again over TCP where an answer is truncated."""
        text = self.must("dig", f"@{server}", "+time=5", "+tries=1", "+yaml", *words)
        (message,) = yaml.safe_load(text)
        return Said(message["message"]["response_message_data"])


class Said:
    """An answer as dig read it."""

    def __init__(self, message: dict[str, object]) -> None:
        self.status = message["status"]
        self.flags = set(message["flags"].split())
        self.answer = _records(message.get("ANSWER_SECTION", ()))
        self.authority = _records(message.get("AUTHORITY_SECTION", ()))
        edns = message.get("OPT_PSEUDOSECTION", {}).get("EDNS", {})
        self.why = edns.get("EDE", {}).get("EXTRA-TEXT")
        """The text of the Extended DNS Error."""

    def data(self, rtype: str) -> list[str]:
        """Return the data of the records of a type in the answer, in order."""
        return [data for _, _, found, data in self.answer if found == rtype]

    def ttls(self, rtype: str) -> list[int]:
        """Return the TTLs of the records of a type in the answer, in order."""
        return [ttl for _, ttl, found, _ in self.answer if found == rtype]


def _records(lines: Sequence[str]) -> list[Record]:
    fields = [line.split(maxsplit=4) for line in lines]
    return [(owner, int(ttl), rtype, data) for owner, ttl, _, rtype, data in fields]


@contextmanager
def host(folder: Path, before: Sequence[str]) -> Iterator[Host]:
    """Give a host whose files are in `folder`; `before` is the command in whose namespaces its own are made."""
    folder.mkdir()
    pipe = subprocess.PIPE
    with subprocess.Popen((*before, *_HOLD), stdin=pipe, stdout=pipe, stderr=pipe, text=True) as holder:
        if holder.stdout.readline() != "held\n":
            pytest.skip(f"no namespaces may be made here: {holder.stderr.read().strip()}")
        yield Host(holder, folder)
        holder.stdin.close()


@contextmanager
def two_hosts(folder: Path, first: Sequence[str], second: Sequence[str]) -> Iterator[tuple[Host, Host]]:
    """Give two hosts with these addresses on the wire between them, such as `10.96.0.53/24`."""
    root = ("unshare", "--map-root-user")
    with host(folder / "first", root) as one, host(folder / "second", one.inside) as other:
        one.must("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", str(other._pid))
        for each, addresses in ((one, first), (other, second)):
            for address in addresses:
                each.must("ip", "address", "add", address, "dev", "eth0", *(("nodad",) if ":" in address else ()))
            each.must("ip", "link", "set", "eth0", "up")
        yield one, other
