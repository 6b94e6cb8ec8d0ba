"""A member cluster: its control plane, a proxy in front that can fail, and the objects in it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.api import Object, collection, parsed
from tests.e2e.control_plane import ADMIN, ControlPlane
from tests.e2e.kubeconfig import Context, write
from tests.e2e.objects import NAMESPACE, endpoints, namespace, node
from tests.support.ask import Address
from tests.support.proxy import PASS, Proxy

RBAC = Path(__file__).parents[2] / "deploy" / "rbac.yaml"
_USER = "system:serviceaccount:fedresolver:fedresolver-remote"
_ACCOUNT = "/api/v1/namespaces/fedresolver/serviceaccounts/fedresolver-remote"
_WATCHED = {"EndpointSlice": "discovery.k8s.io/v1", "Service": "v1"}


@dataclass(frozen=True, slots=True)
class Site:
    """What a member is called, and where it is; `flags` are more arguments of its API server."""

    name: str
    region: str
    zones: tuple[str, ...]
    flags: tuple[str, ...] = ()


class Member:
    """Objects are made with `apply`, with `set_ready`, or with kubectl (`program`); none of these goes through the proxy."""

    def __init__(self, site: Site, plane: ControlPlane, proxy: Proxy, kubectl: Path) -> None:
        self.site = site
        self.name = site.name
        self.plane = plane
        self.proxy = proxy
        self.admin = plane.admin
        self.program = kubectl

    def install(self) -> None:
        """Make what every member has: Nodes that say where it is, a namespace, and `deploy/rbac.yaml`."""
        nodes = (node(f"node-{number}", self.site.region, zone) for number, zone in enumerate(self.site.zones))
        self.admin.apply(namespace(), *nodes)
        self.kubectl("apply", "-f", str(RBAC))

    def rebuild(self) -> None:
        """Start again without any data, as a cluster that is made anew; only the `LASTING` token is good for it."""
        self.plane.empty()
        self.install()

    def reset(self) -> None:
        """Heal what a test has left behind: it runs, is reached, and has nothing but what every member has."""
        self.proxy.become(PASS)
        self.plane.start()
        self.plane.wait()
        self._clear("")

    def apply(self, what: str | Object, *more: Object) -> int:
        """Make objects what they are in a text of YAML, or as values; return the resourceVersion of the last."""
        return self.admin.apply(*(parsed(what) if isinstance(what, str) else (what,)), *more)

    def set_ready(self, service: str, ready: int, total: int = 3) -> int:
        """Say how many of a Service's endpoints are ready; return the resourceVersion of its EndpointSlice."""
        return self.admin.apply(endpoints(service, ready, total))

    def delete(self, kind: str, name: str, namespace: str = NAMESPACE) -> None:
        """Delete a Service or an EndpointSlice, and nothing else."""
        self.admin.delete(f"{collection(_WATCHED[kind], kind, namespace)}/{name}")

    def delete_namespace(self, name: str) -> None:
        """Delete a namespace with the Services and EndpointSlices in it, as the namespace controller would."""
        path = f"/api/v1/namespaces/{name}"
        self.admin.delete(path)
        self._clear(name)
        self.admin.put(f"{path}/finalize", {**self.admin.get(path), "spec": {"finalizers": []}})

    def _clear(self, within: str) -> None:
        for kind, version in _WATCHED.items():
            for one in self.admin.get(collection(version, kind, within))["items"]:
                name, where = one["metadata"]["name"], one["metadata"]["namespace"]
                if (name, where) != ("kubernetes", "default"):  # the API server's own would come again
                    self.delete(kind, name, where)

    def token(self) -> str:
        """Return a new token of fedresolver's ServiceAccount."""
        return str(self.admin.post(f"{_ACCOUNT}/token", {"spec": {"expirationSeconds": 3600}})["status"]["token"])

    def revoke(self) -> None:
        """End all tokens of the ServiceAccount, which is a new one then.

        An API server believes a token for 10 s after it has looked, and does not end watches that run.
        """
        self.admin.delete(_ACCOUNT)
        self.kubectl("apply", "-f", str(RBAC))

    def certificate(self) -> tuple[Path, Path]:
        """Return a client certificate of fedresolver's ServiceAccount, and its key."""
        return self.plane.authority.client(f"{self.name}-client", _USER)

    def context(self, token: str | None = None, certificate: tuple[Path, Path] | None = None) -> Context:
        """Return this member as fedresolver's kubeconfig has it: through the proxy, with a new token if none is given."""
        return self._at(self.proxy.address, token or self.token(), certificate)

    def _at(self, address: Address, token: str, certificate: tuple[Path, Path] | None = None) -> Context:
        url = f"https://{address[0]}:{address[1]}"
        return Context(self.name, url, self.plane.authority.path, token, certificate)

    def administrator(self) -> Context:
        """Return this member as its administrator's kubeconfig has it."""
        return self._at(self.plane.address, ADMIN)

    def kubectl(self, *words: str, stdin: str = "") -> str:
        """Return what kubectl prints, as the administrator; AssertionError when it fails."""
        config = write(self.plane.folder / "kubeconfig", [self.administrator()])
        options = (f"--kubeconfig={config}", f"--cache-dir={self.plane.folder / 'kubectl'}")
        command = (str(self.program), *options, *words)
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout
