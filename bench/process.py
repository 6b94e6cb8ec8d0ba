"""Processes that are measured: pinned to a core, with their CPU time and memory from the kernel."""

import contextlib
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CPUCLOCK_SCHED = 2
STOP_SECONDS = 10
RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")
PROPORTIONAL = re.compile(r"Pss:\s+(\d+) kB")
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


class BenchError(Exception):
    """What was measured or needed is not as it must be; the message is one line for the user."""


class WrongAnswerError(BenchError):
    """A server gave an answer that is not right, so it must not be measured."""


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the load generator, and the one of the server."""

    load: int
    server: int


def two_cores() -> Cores:
    """Return two different cores that we may use; BenchError when there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise BenchError("two cores are needed, one for the server and one for the load; there is one")
    return Cores(allowed[0], allowed[1])


@dataclass(frozen=True, slots=True)
class Process:
    """A running server with whatever processes it forked."""

    name: str
    pid: int
    log: Path
    popen: subprocess.Popen[bytes]

    def pids(self) -> list[int]:
        """Return the process and its descendants."""
        found = [self.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, children.read_text().split())
        return found

    def cpu(self) -> float:
        """Return the CPU time, user + system, of all its processes and threads so far, in seconds."""
        return sum(time.clock_gettime(cpu_clock(pid)) for pid in self.pids())

    def resident(self) -> float:
        """Return the resident memory of all its processes, in MiB."""
        return self._memory(RESIDENT)

    def peak(self) -> float:
        """Return the most that the resident memory of each of its processes was since `forget_peak`, in MiB."""
        return self._memory(PEAK)

    def forget_peak(self) -> None:
        """Begin anew with the peak (proc(5), clear_refs)."""
        for pid in self.pids():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def _memory(self, line: re.Pattern[str]) -> float:
        status = (Path(f"/proc/{pid}/status").read_text() for pid in self.pids())
        return sum(int(m[1]) for text in status if (m := line.search(text))) / 1024

    def proportional(self) -> float:
        """Return the proportional set size (PSS) of all its processes, in MiB: shared pages count in part."""
        rollups = (Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self.pids())
        return sum(int(m[1]) for text in rollups if (m := PROPORTIONAL.search(text))) / 1024

    def check_alive(self) -> None:
        """Raise BenchError with the last line of its log if it has ended."""
        if self.popen.poll() is not None:
            lines = self.log.read_text(errors="replace").split("\n")
            last = next((line for line in reversed(lines) if line.strip()), "without a word")
            raise BenchError(f"{self.name} ended with code {self.popen.returncode}: {last.strip()}")


def cpu_clock(pid: int) -> int:
    """Return the clock of a process's CPU time in nanoseconds, as clock_getcpuclockid(3) does.

    `/proc/PID/stat` counts in ticks of 10 ms; this is the scheduler's own sum over all threads.
    """
    return (~pid << 3) | CPUCLOCK_SCHED


@contextlib.contextmanager
def running(name: str, argv: list[str], log: Path, core: int) -> Iterator[Process]:
    """Run a command on one core until the block ends; its output goes to `log`."""
    with log.open("wb") as output:
        popen = subprocess.Popen(
            ["taskset", "--cpu-list", str(core), *argv],
            stdout=output,
            stderr=output,
            cwd=log.parent,
            env=environment(),
        )
    try:
        yield Process(name, popen.pid, log, popen)
    finally:
        popen.terminate()
        try:
            popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait()


def environment() -> dict[str, str]:
    """Return our environment, but let Python keep what it compiled, as it does where a package is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free for UDP and TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            port: int = udp.getsockname()[1]
            with contextlib.suppress(OSError):
                tcp.bind(("127.0.0.1", port))
                return port
