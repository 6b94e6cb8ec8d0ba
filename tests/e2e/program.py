"""A process that ends when we do, whatever happens."""

import os
import signal
import subprocess
from pathlib import Path

_END = 20.0


class Program:
    """A command that can be started again; `log` is a file with all that it ever printed.

    It must be started from the main thread: the kernel kills it when the thread that started it ends.
    """

    def __init__(self, argv: list[str], log: Path) -> None:
        self._argv = argv
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process, if it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def tail(self) -> str:
        """The last lines that it printed."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:]) if self._log.exists() else ""

    def start(self) -> None:
        """Start it; AssertionError when it runs already."""
        assert self.pid is None, f"{self._argv[0]} runs already"
        command = ("setpriv", "--pdeathsig", "KILL", "--", *self._argv)
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it and its children; nothing is done when it does not run."""
        if self.pid is not None:
            os.killpg(self.pid, number)

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it with a signal, and wait until it is gone."""
        self.send(signal.SIGCONT)
        self.send(number)
        if self._process:
            self._process.wait(_END)

    def memory(self) -> int:
        """Return its proportional set size in octets; 0 when it does not run."""
        if self.pid is None:
            return 0
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
