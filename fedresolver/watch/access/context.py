"""From the cluster and the user of a context to the way to its API server, as `kubectl` would go it."""

import os
from urllib.parse import SplitResult, quote, urlsplit

from fedresolver.watch.access.credentials import Credentials, Fixed, Identity, TokenFile, basic, bearer
from fedresolver.watch.access.entry import AccessError, Entry, Headers
from fedresolver.watch.access.exec_plugin import ExecPlugin
from fedresolver.watch.access.host import Host
from fedresolver.watch.access.material import Material, given
from fedresolver.watch.access.oidc import Oidc
from fedresolver.watch.access.renewal import Renewed
from fedresolver.watch.access.stanzas import Cluster, User
from fedresolver.watch.access.tls import Tls
from fedresolver.watch.access.token import checked
from fedresolver.watch.access.validity import sooner
from fedresolver.watch.kube.flaw import quoted

_IN_A_HEADER_NAME = "!#$&'*+^`|"  # what quote() would escape, and RFC 9110 5.6.2 has in a token; "%" is escaped


class ContextAccess:
    """The way to the cluster of a context."""

    def __init__(self, cluster: Cluster, tls: Tls | None, credentials: Credentials, extra: Headers) -> None:
        self._cluster = cluster
        self._server = cluster.server.rstrip("/")
        self._tls = tls
        self._credentials = credentials
        self._extra = extra
        self._shown = (b"", b"")

    async def entry(self) -> Entry:
        """Return what the next request goes with."""
        identity = await self._credentials.identity()
        shown = (identity.certificate, identity.key)
        if self._tls is not None and shown != self._shown:
            self._tls, self._shown = self._tls.showing(*shown), shown
        context = None if self._tls is None else await self._tls.context()
        headers = (*identity.headers, *self._extra)
        validity = sooner(identity.validity, None if self._tls is None else self._tls.validity)
        return Entry(self._server, headers, context, self._cluster.tls_server_name, self._cluster.proxy_url, validity)

    def rejected(self) -> None:
        """Get new credentials for the next request."""
        self._credentials.rejected()
        if self._tls is not None:
            self._tls.rejected()


def context_access(cluster: Cluster, user: User, folder: str, host: Host) -> ContextAccess:
    """Return the way to a cluster as a user; AccessError when it cannot be as they say. Paths are relative to `folder`.

    Nobody becomes anonymous who has credentials: those that are half, and those without TLS, are an error.
    """
    _check(cluster, user)
    if urlsplit(cluster.server).scheme == "http":
        return ContextAccess(cluster, None, Fixed(Identity()), ())
    authority = given(
        "certificate-authority", cluster.certificate_authority_data, cluster.certificate_authority, folder
    )
    if cluster.insecure_skip_tls_verify and authority:
        raise AccessError("insecure-skip-tls-verify and certificate-authority exclude each other")
    certificate = given("client-certificate", user.client_certificate_data, user.client_certificate, folder)
    key = given("client-key", user.client_key_data, user.client_key, folder)
    if bool(certificate) != bool(key):
        raise AccessError("client-certificate and client-key go together, and one of them is missing")
    tls = Tls(authority, certificate, key, insecure=cluster.insecure_skip_tls_verify)
    credentials = _fixed(user, folder) or _renewed(cluster, user, folder, authority, host)
    return ContextAccess(cluster, tls, credentials, _impersonated(user))


def _fixed(user: User, folder: str) -> Credentials | None:
    """Return what needs nobody else. A token in a file goes before one in place, both before all that is renewed."""
    if user.token_file:
        return TokenFile(os.path.join(folder, user.token_file), user.token and checked(user.token, "token"))
    if user.token:
        return Fixed(bearer(checked(user.token, "token")))
    return Fixed(basic(user.username, user.password)) if user.username else None


def _renewed(cluster: Cluster, user: User, folder: str, authority: Material, host: Host) -> Credentials:
    """Return what is got from a plugin or a provider. Who has a certificate is asked for no plugin."""
    if (provider := user.auth_provider) is not None:
        if provider.name != "oidc":
            raise AccessError(f"auth-provider {provider.name} is gone; use its credential plugin (`exec`)")
        return Renewed(Oidc(provider.config or {}, folder, host).lease, host.wall)
    if user.exec is None or user.client_certificate or user.client_certificate_data:
        return Fixed(Identity())
    return Renewed(ExecPlugin(user.exec, folder, cluster, authority, host).lease, host.wall)


def _check(cluster: Cluster, user: User) -> None:
    """Raise AccessError when an address cannot be one, or what a user has does not go together."""
    server = _url("server", cluster.server, ("https", "http"))
    if server.username is not None or server.query or server.fragment:
        raise AccessError("server has more than https://HOST:PORT/PATH; names and passwords belong to the user")
    if server.scheme == "http" and user != User():
        raise AccessError("server is http://, where anybody could read the user's credentials; use https://")
    if cluster.proxy_url:
        _url("proxy-url", cluster.proxy_url, ("http", "https"))
    try:
        cluster.tls_server_name.encode("idna")
    except UnicodeError as error:
        raise AccessError(f"tls-server-name {quoted(cluster.tls_server_name)} is no name of a host") from error
    if (user.token or user.token_file) and user.username:
        raise AccessError("the user has a token and a username; only one of them can be shown")
    if user.password and not user.username:
        raise AccessError("the user has a password without a username")
    if user.exec is not None and user.auth_provider is not None:
        raise AccessError("the user has exec and auth-provider; only one of them can be asked")


def _url(field: str, text: str, schemes: tuple[str, ...]) -> SplitResult:
    """Return a URL in its parts; AccessError, which does not tell it as it may have a password, when it is none."""
    try:
        url = urlsplit(text)
        whole = bool(url.hostname) and url.port != 0
    except ValueError:  # brackets that do not close, a port that is no number
        whole = False
    if not whole or url.scheme not in schemes:
        known = " or ".join(f"{scheme}://" for scheme in schemes)
        raise AccessError(f"{field} is not a URL that begins with {known} and a host")
    return url


def _impersonated(user: User) -> Headers:
    """Return the headers by which we act as somebody else (user impersonation)."""
    more = [("Impersonate-Uid", user.as_uid)] if user.as_uid else []
    more += [("Impersonate-Group", group) for group in user.as_groups]
    for name, values in user.as_user_extra.items():
        more += [(f"Impersonate-Extra-{quote(name, safe=_IN_A_HEADER_NAME)}", value) for value in values]
    if more and not user.as_:
        raise AccessError("as-uid, as-groups and as-user-extra need `as`, the user to act as")
    headers = (("Impersonate-User", user.as_), *more) if user.as_ else ()
    if not all(value.isprintable() for _, value in headers):
        raise AccessError("who to act as has a character that cannot be printed")
    return headers
