"""The etcd of a member, on a port of its own."""

import json
import shutil
import urllib.request
from pathlib import Path

from tests.e2e.program import Program
from tests.support.running import free_ports


class Etcd(Program):
    """Keeps its data in `folder`, through restarts on the same port."""

    def __init__(self, binary: Path, folder: Path) -> None:
        port, peers = free_ports(2)
        self.url = f"http://127.0.0.1:{port}"
        self._data = folder / "etcd"
        peer = f"http://127.0.0.1:{peers}"
        argv = [
            f"--data-dir={self._data}",
            f"--listen-client-urls={self.url}",
            f"--advertise-client-urls={self.url}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]
        super().__init__([str(binary), *argv], folder / "etcd.log")

    def forget(self) -> None:
        """Remove all data; it must not run."""
        assert self.pid is None
        shutil.rmtree(self._data)

    def revision(self) -> int:
        """Return the revision that it is at."""
        return int(self._call("maintenance/status", {})["header"]["revision"])

    def compact(self) -> int:
        """Drop all history up to now, and return the revision."""
        revision = self.revision()
        self._call("kv/compaction", {"revision": str(revision), "physical": True})
        return revision

    def _call(self, path: str, body: dict[str, object]) -> dict[str, dict[str, str]]:
        request = urllib.request.Request(f"{self.url}/v3/{path}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as response:
            answer: dict[str, dict[str, str]] = json.load(response)
            return answer
