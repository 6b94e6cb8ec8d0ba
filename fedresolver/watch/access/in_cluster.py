"""The API server of the cluster around us, by the service account of our Pod."""

from collections.abc import Mapping

from fedresolver.watch.access.credentials import bearer
from fedresolver.watch.access.entry import AccessError, Entry
from fedresolver.watch.access.material import Material
from fedresolver.watch.access.tls import Tls
from fedresolver.watch.access.token import FileToken

FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"


class InCluster:
    """The access of a Pod; `environ` has KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. AccessError without."""

    def __init__(self, environ: Mapping[str, str], folder: str = FOLDER) -> None:
        host, port = environ.get("KUBERNETES_SERVICE_HOST"), environ.get("KUBERNETES_SERVICE_PORT")
        if not host or not port:
            raise AccessError("KUBERNETES_SERVICE_HOST is not set: this is no Pod; name a kubeconfig instead")
        self._server = f"https://{f'[{host}]' if ':' in host else host}:{port}"
        self._tls = Tls(Material(path=f"{folder}/ca.crt"), Material(), Material(), insecure=False)
        self._token = FileToken(f"{folder}/token")

    async def entry(self) -> Entry:
        """Return what the next request goes with."""
        identity = bearer(await self._token.read())
        return Entry(self._server, identity.headers, await self._tls.context(), validity=identity.validity)

    def rejected(self) -> None:
        """Read token and certificate again for the next request."""
        self._token.forget()
        self._tls.rejected()
