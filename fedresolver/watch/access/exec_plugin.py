"""Credential plugins: programs that a kubeconfig names and that print credentials (client.authentication.k8s.io).

The official client is not used for them: when a plugin fails it logs that and sends the request without credentials,
it does not tell the plugin of the cluster, and it waits without end.
"""

import json
import os
import shutil
from base64 import b64encode
from datetime import datetime
from urllib.parse import unquote, urlsplit

import msgspec

from fedresolver.watch.access.credentials import Identity, bearer
from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.host import Host
from fedresolver.watch.access.material import Material
from fedresolver.watch.access.program import NoProgramError, output
from fedresolver.watch.access.redaction import Secret
from fedresolver.watch.access.renewal import Lease
from fedresolver.watch.access.stanzas import Cluster, Exec
from fedresolver.watch.access.token import checked
from fedresolver.watch.access.validity import Validity
from fedresolver.watch.kube.flaw import quoted
from fedresolver.watch.kube.intake import WRONG_SHAPE
from fedresolver.watch.worker import beside

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_EXTENSION = "client.authentication.k8s.io/exec"
_EARLY = 300.0  # seconds before credentials expire at which new ones are asked for
_NEVER = float("inf")
_PASSED_ON = ("PATH", "HOME")


class Printed(Secret, frozen=True, rename="camel"):
    """`status` of an ExecCredential."""

    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None
    expiration_timestamp: str | None = None


class ExecCredential(Secret, frozen=True, rename="camel"):
    """What a plugin prints."""

    api_version: str = ""
    status: Printed | None = None


class ExecPlugin:
    """The plugin of one user; AccessError when it is not there, not allowed, or not to be had as its stanza says.

    `folder` is that of the kubeconfig, to which a path in it is relative. `authority` is the cluster's.
    """

    def __init__(self, stanza: Exec, folder: str, cluster: Cluster, authority: Material, host: Host) -> None:
        if stanza.api_version not in _VERSIONS:
            raise AccessError(f"credential plugin {stanza.command}: apiVersion is one of {', '.join(_VERSIONS)}")
        if stanza.interactive_mode == "Always":
            raise AccessError(f"credential plugin {stanza.command}: it wants a terminal (interactiveMode: Always)")
        self._program = _program(stanza, folder, host)
        self._stanza = stanza
        self._cluster = cluster
        self._authority = authority
        self._host = host

    async def lease(self) -> Lease:
        """Return the credentials that the plugin prints now."""
        arguments, environ = self._stanza.args or (), await beside(self._environ)
        try:
            text = await output(self._program, arguments, environ, self._host.patience, self._secrets())
        except NoProgramError as error:
            raise NoProgramError(f"{error}{_hint(self._stanza)}") from error
        try:
            printed = _printed(text, self._stanza.api_version)
            return _lease(printed, self._host.wall())
        except AccessError as error:
            raise AccessError(f"{self._program}: {error}") from error

    def _environ(self) -> dict[str, str]:
        """Return what the plugin may know: a path, its own variables, and of the cluster if it wants to."""
        given = {name: self._host.environ[name] for name in _PASSED_ON if name in self._host.environ}
        own = {variable.name: variable.value for variable in self._stanza.env or ()}
        spec: dict[str, object] = {"interactive": False}
        if self._stanza.provide_cluster_info:
            spec["cluster"] = _cluster_info(self._cluster, self._authority)
        told = {"apiVersion": self._stanza.api_version, "kind": "ExecCredential", "spec": spec}
        return given | own | {"KUBERNETES_EXEC_INFO": json.dumps(told)}

    def _secrets(self) -> list[str]:
        """Return what the plugin knows, and may say, that nobody else is to know."""
        arguments = self._stanza.args or ()
        set_by_them = [argument.partition("=")[2] for argument in arguments]
        variables = [variable.value for variable in self._stanza.env or ()]
        proxy = self._cluster.proxy_url
        return [*arguments, *set_by_them, *variables, proxy, unquote(urlsplit(proxy).password or "")]


def _program(stanza: Exec, folder: str, host: Host) -> str:
    """Return the path of a plugin; AccessError when it is not on the PATH, or not allowed.

    Paths are compared as they are written: where one program stands behind many names, allowing one of them allows no
    other.
    """
    command = stanza.command
    if os.sep in command:
        found: str | None = os.path.join(folder, command)
    else:
        found = shutil.which(command, path=host.environ.get("PATH", ""))
    if found is None:
        raise AccessError(f"credential plugin {command} is not on the PATH{_hint(stanza)}")
    found = os.path.abspath(found)
    if found not in {os.path.abspath(path) for path in host.allowed}:
        raise AccessError(f"credential plugin {found} is not allowed; write `exec {found}` to allow it")
    return found


def _hint(stanza: Exec) -> str:
    """Return how the author of the kubeconfig would have it installed, as the end of an error."""
    return f"; its hint: {quoted(' '.join(stanza.install_hint.split()))}" if stanza.install_hint else ""


def _cluster_info(cluster: Cluster, authority: Material) -> dict[str, object]:
    """Return what a plugin is told of its cluster (`provideClusterInfo`)."""
    found: dict[str, object] = {
        "server": cluster.server,
        "tls-server-name": cluster.tls_server_name,
        "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
        "certificate-authority-data": b64encode(authority.read() or b"").decode(),
        "proxy-url": cluster.proxy_url,
        "config": next((one.extension for one in cluster.extensions or () if one.name == _EXTENSION), None),
    }
    return {name: value for name, value in found.items() if value}


def _printed(octets: bytes, version: str) -> Printed:
    try:
        said = msgspec.json.decode(octets, type=ExecCredential)
    except WRONG_SHAPE as error:
        raise AccessError("it printed no ExecCredential") from error
    if said.api_version != version:
        raise AccessError(f"it printed another apiVersion than the kubeconfig has, which is {version}")
    if said.status is None:
        raise AccessError("it printed no status")
    return said.status


def _identity(printed: Printed) -> Identity:
    certificate, key = printed.client_certificate_data or "", printed.client_key_data or ""
    if bool(certificate) != bool(key):
        raise AccessError("it printed a certificate without its key, or a key without its certificate")
    if not printed.token and not certificate:
        raise AccessError("it printed neither a token nor a certificate")
    headers = bearer(checked(printed.token, "what it printed")).headers if printed.token else ()
    return Identity(headers, certificate.encode(), key.encode())


def _lease(printed: Printed, now: float) -> Lease:
    """Return the credentials; those that do not say when they expire are shown until they are refused."""
    identity = _identity(printed)
    if not printed.expiration_timestamp:
        return Lease(identity, _NEVER, _NEVER)
    try:
        at = datetime.fromisoformat(printed.expiration_timestamp)
        if at.tzinfo is None:
            raise ValueError("no offset from UTC")
        expires = at.timestamp()
    except (ValueError, OverflowError) as error:
        raise AccessError("its expirationTimestamp is no time (RFC 3339)") from error
    identity = msgspec.structs.replace(identity, validity=Validity(expires, now))
    return Lease(identity, expires - min(_EARLY, max(0.0, expires - now) / 10), expires)
