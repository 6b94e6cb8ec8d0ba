"""A kubeconfig file: its contexts, and the access of each.

The official client is not given the file: it writes the keys in it to temporary files, goes on anonymously when a
credential plugin fails, and costs 50 MiB. It is asked for what it does well, in `oidc`.
"""

import os
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import TypeVar

import msgspec

from fedresolver.watch.access.context import context_access
from fedresolver.watch.access.entry import Access, AccessError, Entry
from fedresolver.watch.access.host import Host
from fedresolver.watch.access.material import octets
from fedresolver.watch.access.stanzas import KIND, Cluster, Config, Context, Stanza, User
from fedresolver.watch.kube.flaw import DamageError, quoted
from fedresolver.watch.kube.intake import WRONG_SHAPE, shape_text
from fedresolver.watch.yaml_text import Yaml

S = TypeVar("S", bound=Stanza)
_CREDENTIALS = "give a token, tokenFile, client-certificate with client-key, username, exec or auth-provider"


class Kubeconfig:
    """What the file at `path` says; AccessError when two things in it have one name."""

    def __init__(self, path: str, config: Config) -> None:
        self._path = path
        self._folder = os.path.dirname(os.path.abspath(path))
        self._contexts = self._by_name("context", ((one.name, one.context) for one in config.contexts or ()))
        self._clusters = self._by_name("cluster", ((one.name, one.cluster) for one in config.clusters or ()))
        self._users = self._by_name("user", ((one.name, one.user) for one in config.users or ()))

    @property
    def contexts(self) -> tuple[str, ...]:
        """The names of the contexts, in the order of the file."""
        return tuple(self._contexts)

    def fingerprint(self, context: str) -> str:
        """Return what is another when anything is that the access of a context comes from."""
        try:
            where = self._where(context)
            named = (where.cluster, where.user)  # and no namespace, which changes no way
            parts = [named, self._clusters.get(where.cluster), self._users.get(where.user)]
        except AccessError:
            parts = [self._contexts[context]]  # there is no way yet
        return blake2b(repr(parts).encode(errors="backslashreplace"), digest_size=16).hexdigest()

    def access(self, context: str, host: Host) -> Access:
        """Return the way to a context's cluster; AccessError when what it is made from is missing or wrong."""
        try:
            where = self._where(context)
            return context_access(self._cluster(where), self._user(where), self._folder, host)
        except AccessError as error:
            raise AccessError(f"{self._path}: context {context}: {error}") from error

    def warning(self, context: str, host: Host) -> str:
        """Return why a context cannot be used, or should not be used so; empty when nothing is wrong with it."""
        try:
            self.access(context, host)
        except AccessError as error:
            return str(error)
        where = self._where(context)
        what = self._lacking(where)
        if not what and self._cluster(where).insecure_skip_tls_verify:
            what = "the server's certificate is not verified (insecure-skip-tls-verify)"
        return f"{self._path}: context {context}: {what}" if what else ""

    def _lacking(self, where: Context) -> str:
        """Return why a file that a context names cannot be read."""
        try:
            for file in _files(self._cluster(where), self._user(where)):
                octets(os.path.join(self._folder, file))
        except AccessError as error:
            return str(error)
        return ""

    def _by_name(self, what: str, pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, raw in pairs:
            if not name or not name.isprintable():
                raise AccessError(f"{self._path}: a {what} has a name that is empty or cannot be printed")
            if name in found:
                raise AccessError(f"{self._path}: {what} {name} is there twice")
            found[name] = raw
        return found

    def _where(self, context: str) -> Context:
        return _stanza("context", self._contexts[context], Context)

    def _cluster(self, where: Context) -> Cluster:
        if where.cluster not in self._clusters:
            raise AccessError(f"there is no cluster {where.cluster!r}")
        return _stanza(f"cluster {where.cluster}", self._clusters[where.cluster], Cluster)

    def _user(self, where: Context) -> User:
        if not where.user:
            return User()
        if where.user not in self._users:
            raise AccessError(f"there is no user {where.user!r}")
        raw = self._users[where.user]
        user = _stanza(f"user {where.user}", raw, User)
        if (
            raw and not user.shows_something
        ):  # misspelt, or a template without its value; only who says nothing is nobody
            raise AccessError(f"user {where.user} has no credentials that are known; {_CREDENTIALS}")
        return user


def _files(cluster: Cluster, user: User) -> Iterator[str]:
    """Yield the files without which a cluster is not reached as a user."""
    in_place = (
        (cluster.certificate_authority, cluster.certificate_authority_data),
        (user.client_certificate, user.client_certificate_data),
        (user.client_key, user.client_key_data),
        (user.token_file, user.token),
    )
    return (file for file, instead in in_place if file and not instead)


class NoAccess:
    """The way to a cluster that cannot be reached as it is described."""

    def __init__(self, error: AccessError) -> None:
        self._text = str(error)

    async def entry(self) -> Entry:
        """Raise why."""
        raise AccessError(self._text)

    def rejected(self) -> None:
        """Have nothing else."""


def read(path: str) -> Kubeconfig:
    """Return what a kubeconfig file says; AccessError when it cannot be read or is none.

    A file without contexts is none, unless it says `contexts: []`: it may be cut, and nobody is to leave for that.
    """
    try:
        return Kubeconfig(path, _config(octets(path)))
    except DamageError as damage:
        raise AccessError(f"{path}:{damage.line}: {damage}" if damage.line else f"{path}: {damage}") from damage
    except WRONG_SHAPE as error:
        raise AccessError(f"{path}: {shape_text(error)}; a kubeconfig is expected") from error


def _config(text: bytes) -> Config:
    """Return what a text says; DamageError or one of `WRONG_SHAPE` when it is no kubeconfig, or a part of one."""
    form = Yaml()
    documents = list(form.documents(text))
    if len(documents) > 1:
        raise DamageError(f"{len(documents)} documents; a kubeconfig is one")
    config = form.decode(documents[0] if documents else {}, Config)
    if config.kind != KIND:
        raise DamageError(f"kind is {quoted(config.kind)}; a kubeconfig is of kind {KIND}")
    if config.contexts is None:
        raise DamageError("no contexts; a kubeconfig that is to have none says `contexts: []`")
    return config


def _stanza(where: str, raw: object, shape: type[S]) -> S:
    """Return a stanza, in which null is as good as nothing; AccessError when it has another shape."""
    if isinstance(raw, dict):
        raw = {name: value for name, value in raw.items() if value is not None}
    try:
        return msgspec.convert({} if raw is None else raw, shape)
    except WRONG_SHAPE as error:
        raise AccessError(f"{where}: {shape_text(error)}") from error
