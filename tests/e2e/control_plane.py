"""The control plane of a member cluster: one etcd and one kube-apiserver, on ports of their own."""

import shutil
import signal
import ssl
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.api import Api, ApiError
from tests.e2e.authority import Authority
from tests.e2e.etcd import Etcd
from tests.e2e.program import Program
from tests.support.deadline import eventually
from tests.support.running import free_ports

ADMIN = "administrator"
"""The token of the administrator; it is good for nothing outside of the tests."""
LASTING = "lasting"
"""A token of fedresolver's ServiceAccount that outlives the ServiceAccount, and the data of its member."""
_TOKENS = (
    f"{ADMIN},admin,admin,system:masters\n{LASTING},system:serviceaccount:fedresolver:fedresolver-remote,fedresolver\n"
)
_HOST = "127.0.0.1"
_READY = 90.0
"""Seconds until an API server must be ready, on a machine that does other things too."""


class ControlPlane:
    """Keeps ports, keys and data in `folder` through restarts; `flags` are more arguments of the API server."""

    def __init__(
        self, programs: Mapping[str, Path], folder: Path, authority: Authority, flags: tuple[str, ...] = ()
    ) -> None:
        folder.mkdir()
        self.folder = folder
        self.authority = authority
        self.address = (_HOST, free_ports(1)[0])
        self.etcd = Etcd(programs["etcd"], folder)
        argv = [str(programs["kube-apiserver"]), *self._flags(), *flags]
        self.server = Program(argv, folder / "kube-apiserver.log")
        self.admin = self.api(ADMIN)

    def _flags(self) -> list[str]:
        tokens = self.folder / "tokens.csv"
        tokens.write_text(_TOKENS)
        certificate, key = self.authority.server(self.folder.name, _HOST)
        public, private = self.authority.keys(f"{self.folder.name}-tokens")
        return [
            f"--etcd-servers={self.etcd.url}",
            f"--bind-address={_HOST}",
            f"--secure-port={self.address[1]}",
            f"--tls-cert-file={certificate}",
            f"--tls-private-key-file={key}",
            f"--client-ca-file={self.authority.path}",
            f"--token-auth-file={tokens}",
            f"--service-account-key-file={public}",
            f"--service-account-signing-key-file={private}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount",
            "--endpoint-reconciler-type=none",
            "--etcd-compaction-interval=0",  # the tests say when
        ]

    def api(self, token: str | None = None, certificate: tuple[Path, Path] | None = None) -> Api:
        """Return access to the API server; whoever has neither a token nor a certificate (with its key) is anonymous."""
        trust = ssl.create_default_context(cafile=str(self.authority.path))
        if certificate:
            trust.load_cert_chain(*certificate)
        return Api(self.address, trust, token)

    def start(self) -> None:
        """Start what does not run; `wait` says when it is ready."""
        for program in (self.etcd, self.server):
            if program.pid is None:
                program.start()

    def wait(self) -> None:
        """Wait until the API server is ready; AssertionError with what it printed when it ends or takes too long."""
        eventually(lambda: self.ready() or self.server.pid is None, _READY)
        assert self.ready(), f"{self.etcd.tail}\n{self.server.tail}"

    def ready(self) -> bool:
        """Say whether the API server is ready."""
        try:
            return bool(self.admin.get("/readyz") == "ok")
        except (ApiError, OSError):
            self.admin.close()
            return False

    def stop(self) -> None:
        """Let both end in order: watches are closed, as in an upgrade."""
        self.server.end(signal.SIGTERM)
        self.etcd.end(signal.SIGTERM)

    def kill(self) -> None:
        """End both at once."""
        self.server.end()
        self.etcd.end()

    def restart(self) -> None:
        """Kill both, start them on the same ports with the same data, and wait until they are ready."""
        self.kill()
        self.start()
        self.wait()

    def empty(self) -> None:
        """Kill both and start them without any data: revisions begin from the start."""
        self.kill()
        self.etcd.forget()
        self.start()
        self.wait()

    def expire(self) -> None:
        """Make all revisions up to now too old (410): etcd forgets them, and so does the cache of the API server."""
        self.etcd.compact()
        self.server.end()
        self.start()
        self.wait()

    def close(self) -> None:
        """End both, and remove what they kept."""
        self.kill()
        self.admin.close()
        shutil.rmtree(self.folder)

    def memory(self) -> int:
        """Return the proportional set size of both processes in octets."""
        return self.etcd.memory() + self.server.memory()
