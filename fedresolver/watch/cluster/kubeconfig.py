"""A kubeconfig file: its contexts, and the access of each.

The official client is not given the file: it writes the keys in it to temporary files, goes on anonymously when a
credential plugin fails, and costs 50 MiB. It is asked for what it does well, in `oidc`.
"""

import os
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import blake2b
from urllib.parse import urlsplit

import msgspec

from fedresolver.watch.cluster.access import Access, AccessError, Entry, Headers
from fedresolver.watch.cluster.credentials import Credentials, Fixed, Identity, TokenFile, basic, bearer
from fedresolver.watch.cluster.exec_plugin import ExecPlugin, check, cluster_info
from fedresolver.watch.cluster.material import Material, decoded, octets
from fedresolver.watch.cluster.oidc import Oidc
from fedresolver.watch.cluster.stanzas import Cluster, Config, Context, Exec, User
from fedresolver.watch.cluster.tls import Tls
from fedresolver.watch.cluster.token import checked
from fedresolver.watch.kube.flaw import DamageError
from fedresolver.watch.kube.intake import WRONG_SHAPE, shape_text
from fedresolver.watch.yaml_text import Yaml


class Host(msgspec.Struct, frozen=True):
    """What of our host credentials depend on.

    `allowed` are the credential plugins that may be run, `environ` our variables, `wall` is in seconds since the epoch.
    """

    allowed: tuple[str, ...]
    environ: Mapping[str, str]
    wall: Callable[[], float]


class Kubeconfig:
    """What the file at `path` says."""

    def __init__(self, path: str, config: Config) -> None:
        self._path = path
        self._folder = os.path.dirname(os.path.abspath(path))
        self._contexts = {one.name: one.context for one in config.contexts or ()}
        self._clusters = {one.name: one.cluster for one in config.clusters or ()}
        self._users = {one.name: one.user or User() for one in config.users or ()}

    @property
    def contexts(self) -> tuple[str, ...]:
        """The names of the contexts, in the order of the file."""
        return tuple(self._contexts)

    def insecure(self, context: str) -> bool:
        """Say whether a context's server is believed to be whoever it is (`insecure-skip-tls-verify`)."""
        cluster = self._clusters.get(self._contexts[context].cluster)
        return cluster is not None and cluster.insecure_skip_tls_verify

    def fingerprint(self, context: str) -> str:
        """Return what is another when anything is that the access of a context comes from."""
        where = self._contexts[context]
        parts = (where, self._clusters.get(where.cluster), self._users.get(where.user))
        return blake2b(msgspec.json.encode(parts), digest_size=16).hexdigest()

    def access(self, context: str, host: Host) -> Access:
        """Return the way to a context's cluster; AccessError when what it is made from is missing or wrong."""
        try:
            cluster, user = self._found(self._contexts[context])
            credentials = self._credentials(cluster, user, host)
            return ContextAccess(cluster, self._tls(cluster, user), credentials, _impersonated(user))
        except AccessError as error:
            raise AccessError(f"{self._path}: context {context}: {error}") from error

    def _found(self, context: Context) -> tuple[Cluster, User]:
        cluster = self._clusters.get(context.cluster)
        if cluster is None:
            raise AccessError(f"there is no cluster {context.cluster!r}")
        if context.user and context.user not in self._users:
            raise AccessError(f"there is no user {context.user!r}")
        if urlsplit(cluster.server).scheme not in ("http", "https"):
            raise AccessError(f"server {cluster.server!r} is no URL; it begins with https://")
        return cluster, self._users.get(context.user, User())

    def _tls(self, cluster: Cluster, user: User) -> Tls | None:
        if not cluster.server.startswith("https:"):
            return None
        return Tls(
            self._authority(cluster),
            self._material("client-certificate-data", user.client_certificate_data, user.client_certificate),
            self._material("client-key-data", user.client_key_data, user.client_key),
            insecure=cluster.insecure_skip_tls_verify,
        )

    def _authority(self, cluster: Cluster) -> Material:
        given = cluster.certificate_authority_data
        return self._material("certificate-authority-data", given, cluster.certificate_authority)

    def _material(self, field: str, data: str, path: str) -> Material:
        if data:
            return Material(decoded(field, data))
        return Material(path=os.path.join(self._folder, path)) if path else Material()

    def _credentials(self, cluster: Cluster, user: User, host: Host) -> Credentials:
        """Return who we are, in the order of precedence of `kubectl`."""
        if user.token_file:
            return TokenFile(os.path.join(self._folder, user.token_file))
        if user.token:
            return Fixed(bearer(checked(user.token, "token")))
        if user.exec is not None:
            return self._plugin(cluster, user.exec, host)
        if user.auth_provider is not None:
            if user.auth_provider.name != "oidc":
                raise AccessError(
                    f"auth-provider {user.auth_provider.name} is gone; use its credential plugin (`exec`)"
                )
            return Oidc(user.auth_provider.config or {}, host.wall)
        return Fixed(basic(user.username, user.password) if user.username else Identity())

    def _plugin(self, cluster: Cluster, stanza: Exec, host: Host) -> ExecPlugin:
        check(stanza)
        info = None
        if stanza.provide_cluster_info:
            authority = self._authority(cluster)
            info = cluster_info(cluster, b64encode(authority.read()).decode() if authority else "")
        return ExecPlugin(stanza, self._folder, host.allowed, info, host.environ, host.wall)


class ContextAccess:
    """The way to the cluster of a context."""

    def __init__(self, cluster: Cluster, tls: Tls | None, credentials: Credentials, extra: Headers) -> None:
        self._cluster = cluster
        self._server = cluster.server.rstrip("/")
        self._tls = tls
        self._credentials = credentials
        self._extra = extra
        self._shown = Identity()

    async def entry(self) -> Entry:
        """Return what the next request goes with."""
        identity = await self._credentials.identity()
        if self._tls is not None and identity.certificate != self._shown.certificate:
            self._tls = self._tls.showing(Material(identity.certificate), Material(identity.key))
        self._shown = identity
        context = None if self._tls is None else self._tls.context()
        headers = (*identity.headers, *self._extra)
        return Entry(self._server, headers, context, self._cluster.tls_server_name, self._cluster.proxy_url)

    def rejected(self) -> None:
        """Get new credentials for the next request."""
        self._credentials.rejected()


class NoAccess:
    """The way to a cluster that cannot be reached as it is described."""

    def __init__(self, error: AccessError) -> None:
        self._error = error

    async def entry(self) -> Entry:
        """Raise why."""
        raise self._error

    def rejected(self) -> None:
        """Have nothing else."""


def read(path: str) -> Kubeconfig:
    """Return what a kubeconfig file says; AccessError when it cannot be read or is none."""
    form = Yaml()
    try:
        documents = list(form.documents(octets(path)))
        config = form.decode(documents[0] if documents else {}, Config)
    except DamageError as damage:
        raise AccessError(f"{path}:{damage.line}: {damage}" if damage.line else f"{path}: {damage}") from damage
    except WRONG_SHAPE as error:
        raise AccessError(f"{path}: {shape_text(error)}; a kubeconfig is expected") from error
    return Kubeconfig(path, config)


def _impersonated(user: User) -> Headers:
    """Return the headers by which we act as somebody else (user impersonation)."""
    headers = [("Impersonate-User", user.as_)] if user.as_ else []
    headers += [("Impersonate-Uid", user.as_uid)] if user.as_uid else []
    return (*headers, *(("Impersonate-Group", group) for group in user.as_groups or ()))
