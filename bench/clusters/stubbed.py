"""The small API server of `stub`, as the local member of a fedresolver."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.clusters import content
from bench.process import BenchError
from bench.world import LOCAL
from tests.e2e import kubeconfig
from tests.e2e.authority import Authority
from tests.e2e.kubeconfig import Context


@dataclass(frozen=True, slots=True)
class Stub:
    """The process, which is told what to do."""

    popen: subprocess.Popen[str]

    def tell(self, command: str) -> None:
        """Give a command."""
        assert self.popen.stdin
        print(command, file=self.popen.stdin, flush=True)

    def wait(self) -> str:
        """Return what it says when it is done; BenchError when it ended instead."""
        assert self.popen.stdout
        if not (line := self.popen.stdout.readline()):
            raise BenchError(f"the API server of the benchmark ended with code {self.popen.wait()}")
        return line.strip()


@contextlib.contextmanager
def stubbed(folder: Path) -> Iterator[Stub]:
    """Run it with TLS, as real ones are reached, and write `folder/kubeconfig` for it."""
    authority = Authority(folder)
    certificate, key = authority.server(LOCAL.name, "127.0.0.1")
    argv = [sys.executable, "-m", "bench.clusters.stub", str(certificate), str(key), str(content.SERVICES)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as popen:
        stub = Stub(popen)
        try:
            kubeconfig.write(folder / "kubeconfig", [Context(LOCAL.name, stub.wait(), authority.path, "token")])
            yield stub
        finally:
            popen.terminate()
