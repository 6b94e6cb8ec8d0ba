"""A whole server from the text of a Corefile: in this process with its own loop, or as a process of its own."""

import logging
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from fedresolver.run.places import Place
from fedresolver.run.server import Server
from tests.support.ask import Address
from tests.support.deadline import eventually
from tests.support.loop import Loop, looping

ROOT = str(Path(__file__).parents[2])
"""The folder of the repository."""
_LOG = logging.getLogger("fedresolver")


class Lines(logging.Handler):
    """The log of a server, line by line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.getMessage()}")

    def having(self, text: str) -> list[str]:
        """Return the lines that hold `text`."""
        return [line for line in self.lines if text in line]


class Running:
    """A server in this process. Its Corefile may be changed and read again."""

    def __init__(self, server: Server, loop: Loop, corefile: Path, log: Lines) -> None:
        self.server = server
        self.loop = loop
        self.corefile = corefile
        self.log = log

    def address(self, host: str = "127.0.0.1", port: int = 0, transport: str = "dns") -> Address:
        """Return where the listener that the Corefile has at `host` and `port` listens."""
        return self.server.listeners.dns[Place(host, port, transport)].address

    def page(self, path: str, host: str = "127.0.0.1", port: int = 0) -> tuple[int, str]:
        """Return the status and the text of a page of the process."""
        return page(self.server.listeners.http[host, port].address, path)

    def metric(self, name: str, *labels: str) -> float:
        """Return the value of a counter or a gauge."""
        family = next(family for family in self.server.metrics.families() if family.name == name)
        return family.values.get(labels, 0)

    def reload(self, corefile: str | None = None) -> None:
        """Read the Corefile again, with another text if one is given."""
        if corefile is not None:
            self.corefile.write_text(corefile)
        self.loop.run(self.server.reload())


@contextmanager
def running(folder: Path, corefile: str, environ: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Give a server whose Corefile is put into `folder`; at the end it is stopped, and nothing is left of it."""
    path = folder / "Corefile"
    path.write_text(corefile)
    log, level = Lines(), _LOG.level
    _LOG.addHandler(log)
    _LOG.setLevel(logging.INFO)
    try:
        with looping() as loop:
            server = Server(str(path), dict(environ or {}))
            loop.run(server.start())
            try:
                yield Running(server, loop, path, log)
            finally:
                loop.run(server.stop())
    finally:
        _LOG.removeHandler(log)
        _LOG.setLevel(level)


def page(address: Address, path: str) -> tuple[int, str]:
    """Return the status and the text of a page."""
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    try:
        with urllib.request.urlopen(f"http://{host}:{address[1]}{path}", timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def free_ports(count: int) -> list[int]:
    """Return ports that nothing has, on any address; none of those that the system gives to clients."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(10_000, 30_000)
        if port not in found and all(_is_free(port, kind) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)):
            found.append(port)
    return found


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET6, kind) as probe:
        try:
            probe.bind(("::", port))
        except OSError:
            return False
    return True


class Process:
    """`fedresolver serve` as a process of its own; `log` is a file with all that it printed."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def text(self) -> str:
        """All that it printed so far."""
        return self._log.read_text()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def wait(self, seconds: float = 10.0) -> int:
        """Return its exit code."""
        return self._process.wait(seconds)

    def ended(self) -> bool:
        """Say whether it has ended."""
        return self._process.poll() is not None

    def address(self, scheme: str = "dns") -> Address:
        """Return the first address that it says it listens on."""
        found = eventually(lambda: re.search(rf"listening on {scheme}://(\S+):(\d+)$", self.text, re.MULTILINE))
        return found[1].strip("[]"), int(found[2])


@contextmanager
def process(
    folder: Path, corefile: str, *words: str, before: Sequence[str] = (), environ: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """Give a process with its Corefile in `folder`, for which signals are handled; at the end it is killed.

    `before` is a command that becomes it, `environ` are variables beside ours.
    """
    path = folder / "Corefile"
    path.write_text(corefile)
    log = folder / "log"
    command = (*before, sys.executable, "-m", "fedresolver", "serve", "--conf", str(path), *words)
    whole = _environ() | dict(environ or {})
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, env=whole) as child:
        try:
            started = Process(child, log)
            eventually(lambda: "listening on" in started.text or started.ended())
            yield started
        finally:
            child.kill()


def command(*words: str, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Return what `fedresolver` does with these words."""
    whole = (sys.executable, "-m", "fedresolver", *words)
    return subprocess.run(
        whole, capture_output=True, text=True, timeout=20, check=False, cwd=folder, env=_environ(folder)
    )


class Watching:
    """`fedresolver` with words that make it go on, line by line; at the end it is interrupted."""

    def __init__(self, *words: str) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-m", "fedresolver", *words), stdout=subprocess.PIPE, text=True, env=_environ()
        )
        self._end = threading.Timer(20, self._process.kill)

    def __enter__(self) -> Self:
        self._end.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.cancel()
        self._process.send_signal(signal.SIGINT)
        self._process.communicate()

    def line(self) -> str:
        """Return the next line; an empty one at the end, or when 20 seconds have passed."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def word(self) -> str:
        """Return the first word of the next line."""
        return self.line().split()[0]

    def until(self, text: str) -> None:
        """Read on, up to a line that holds `text`."""
        while text not in (line := self.line()):
            assert line, f"it ended before {text}"


def _environ(folder: Path | None = None) -> dict[str, str]:
    return os.environ | {"PYTHONWARNINGS": "error", "PYTHONPATH": ROOT, "COLUMNS": "100"}
