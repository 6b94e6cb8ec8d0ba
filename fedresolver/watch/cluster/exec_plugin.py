"""Credential plugins: programs that a kubeconfig names and that print credentials (client.authentication.k8s.io).

The official client is not used for them: when a plugin fails it logs that and sends the request without credentials,
it does not tell the plugin of the cluster, and it waits without end.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec

from fedresolver.watch.cluster.access import AccessError
from fedresolver.watch.cluster.credentials import Identity
from fedresolver.watch.cluster.stanzas import Cluster, Exec
from fedresolver.watch.cluster.token import checked

SECONDS = 30.0
"""How long a plugin may run."""
LARGEST = 1 << 20  # octets that it may print
_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_EXTENSION = "client.authentication.k8s.io/exec"
_EARLY = 300.0  # seconds before credentials expire at which new ones are asked for
_PASSED_ON = ("PATH", "HOME")


class Printed(msgspec.Struct, frozen=True, rename="camel"):
    """`status` of an ExecCredential."""

    token: str = ""
    client_certificate_data: str = ""
    client_key_data: str = ""
    expiration_timestamp: str = ""


class ExecCredential(msgspec.Struct, frozen=True, rename="camel"):
    """What a plugin prints."""

    api_version: str = ""
    status: Printed | None = None


class ExecPlugin:
    """The plugin of one user, run when its credentials are needed, and by one caller at a time.

    `folder` is that of the kubeconfig, to which a path in it is relative. `allowed` are the plugins that may be run,
    `authority` is the cluster's certificate authority in PEM. `wall` is in seconds since the epoch.
    """

    def __init__(
        self,
        stanza: Exec,
        folder: str,
        allowed: tuple[str, ...],
        info: Mapping[str, object] | None,
        environ: Mapping[str, str],
        wall: Callable[[], float],
    ) -> None:
        self._stanza = stanza
        self._folder = folder
        self._allowed = allowed
        self._info = info
        self._environ = environ
        self._wall = wall
        self._identity: Identity | None = None
        self._until = 0.0
        self._running = asyncio.Lock()

    async def identity(self) -> Identity:
        """Return the credentials that the plugin printed last, or prints now when those expire soon."""
        async with self._running:
            if self._identity is None or self._wall() >= self._until:
                printed = _printed(await self._run(), self._stanza)
                self._identity, self._until = _identity(printed, self._stanza.command), self._end(printed)
            return self._identity

    def rejected(self) -> None:
        """Run the plugin again for the next request."""
        self._identity = None

    def _end(self, printed: Printed) -> float:
        """Return until when credentials are used; those that do not say when they expire, until they are refused."""
        if not printed.expiration_timestamp:
            return float("inf")
        try:
            at = datetime.fromisoformat(printed.expiration_timestamp).timestamp()
        except (ValueError, OverflowError) as error:
            raise AccessError(f"{self._stanza.command}: its expirationTimestamp is no time (RFC 3339)") from error
        return at - min(_EARLY, max(0.0, at - self._wall()) / 10)

    async def _run(self) -> bytes:
        """Return what the plugin prints."""
        program = self._program()
        try:
            process = await asyncio.create_subprocess_exec(
                program,
                *(self._stanza.args or ()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=self._environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise AccessError(f"{program}: {error.strerror}") from error
        try:
            async with asyncio.timeout(SECONDS):
                printed, said = await asyncio.gather(_bounded(process.stdout), _bounded(process.stderr))
                code = await process.wait()
        except TimeoutError as error:
            raise AccessError(f"{program}: it takes more than {SECONDS:g} s") from error
        finally:
            await _kill(process)
        if code != 0:
            raise AccessError(f"{program}: it ended with code {code}{_first_line(said)}")
        if len(printed) > LARGEST:
            raise AccessError(f"{program}: it printed more than {LARGEST} octets")
        return printed

    def _program(self) -> str:
        """Return the path of the plugin; AccessError when it is not there, or not allowed."""
        command = self._stanza.command
        if os.sep in command:
            found: str | None = os.path.join(self._folder, command)
        else:
            found = shutil.which(command, path=self._environ.get("PATH"))
        if found is None:
            raise AccessError(f"credential plugin {command} is not on the PATH")
        if os.path.realpath(found) not in {os.path.realpath(path) for path in self._allowed}:
            raise AccessError(f"credential plugin {found} is not allowed; write `exec {found}` to allow it")
        return found

    def _environment(self) -> dict[str, str]:
        """Return what the plugin may know: a path, its own variables, and of the cluster if it wants to."""
        given = {name: self._environ[name] for name in _PASSED_ON if name in self._environ}
        own = {variable.name: variable.value for variable in self._stanza.env or ()}
        spec: dict[str, object] = {"interactive": False}
        if self._info is not None:
            spec["cluster"] = self._info
        told = {"apiVersion": self._stanza.api_version, "kind": "ExecCredential", "spec": spec}
        return given | own | {"KUBERNETES_EXEC_INFO": msgspec.json.encode(told).decode()}


def cluster_info(cluster: Cluster, authority: str) -> dict[str, object]:
    """Return what a plugin is told of its cluster (`provideClusterInfo`); `authority` is in base64."""
    found: dict[str, object] = {
        "server": cluster.server,
        "tls-server-name": cluster.tls_server_name,
        "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
        "certificate-authority-data": authority,
        "proxy-url": cluster.proxy_url,
    }
    config: Any = next((one.extension for one in cluster.extensions or () if one.name == _EXTENSION), None)
    return {name: value for name, value in (found | {"config": config}).items() if value}


def check(stanza: Exec) -> None:
    """Raise AccessError when a stanza is of a version that we do not speak."""
    if stanza.api_version not in _VERSIONS:
        raise AccessError(f"credential plugin {stanza.command}: apiVersion is one of {', '.join(_VERSIONS)}")


def _printed(octets: bytes, stanza: Exec) -> Printed:
    try:
        said = msgspec.json.decode(octets, type=ExecCredential)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise AccessError(f"{stanza.command}: it printed no ExecCredential") from error
    if said.api_version != stanza.api_version:
        raise AccessError(f"{stanza.command}: it printed another apiVersion than the kubeconfig has")
    if said.status is None:
        raise AccessError(f"{stanza.command}: it printed no status")
    return said.status


def _identity(printed: Printed, command: str) -> Identity:
    if bool(printed.client_certificate_data) != bool(printed.client_key_data):
        raise AccessError(f"{command}: it printed a certificate without its key, or a key without its certificate")
    if not printed.token and not printed.client_certificate_data:
        raise AccessError(f"{command}: it printed neither a token nor a certificate")
    headers = (("Authorization", f"Bearer {checked(printed.token, command)}"),) if printed.token else ()
    return Identity(headers, printed.client_certificate_data.encode(), printed.client_key_data.encode())


async def _bounded(stream: asyncio.StreamReader | None) -> bytes:
    """Return what comes, but not beyond one octet more than `LARGEST`."""
    parts: list[bytes] = []
    left = LARGEST + 1
    while stream is not None and left > 0 and (part := await stream.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


async def _kill(process: asyncio.subprocess.Process) -> None:
    """End a plugin, and all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _first_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return f": {lines[0][:200]!r}" if lines else ""
