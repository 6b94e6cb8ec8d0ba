"""A kubeconfig file as it is written (client.config.k8s.io/v1): the fields that we use."""

from typing import Any

import msgspec

from fedresolver.watch.access.redaction import Secret

KIND = "Config"


class Stanza(Secret, frozen=True, rename="kebab"):
    """A part of a kubeconfig; unknown fields are skipped. Nothing of it may be shown: it has secrets."""


class Extension(Stanza, frozen=True):
    """`extensions[]` of a cluster."""

    name: str = ""
    extension: Any = None


class Cluster(Stanza, frozen=True):
    """`clusters[].cluster`."""

    server: str = ""
    certificate_authority: str = ""
    certificate_authority_data: str = ""
    insecure_skip_tls_verify: bool = False
    tls_server_name: str = ""
    proxy_url: str = ""
    extensions: tuple[Extension, ...] = ()


class Variable(Stanza, frozen=True):
    """`exec.env[]` of a user."""

    name: str
    value: str = ""


class Exec(Stanza, frozen=True, rename="camel"):
    """`exec` of a user: a credential plugin (client.authentication.k8s.io)."""

    command: str
    api_version: str = ""
    args: tuple[str, ...] | None = None
    env: tuple[Variable, ...] | None = None
    provide_cluster_info: bool = False
    interactive_mode: str = ""
    install_hint: str = ""


class AuthProvider(Stanza, frozen=True):
    """`auth-provider` of a user."""

    name: str
    config: dict[str, str] | None = None


class User(Stanza, frozen=True):
    """`users[].user`."""

    client_certificate: str = ""
    client_certificate_data: str = ""
    client_key: str = ""
    client_key_data: str = ""
    token: str = ""
    token_file: str = msgspec.field(default="", name="tokenFile")
    username: str = ""
    password: str = ""
    exec: Exec | None = None
    auth_provider: AuthProvider | None = None
    as_: str = msgspec.field(default="", name="as")
    as_uid: str = ""
    as_groups: tuple[str, ...] = ()
    as_user_extra: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)

    @property
    def shows_something(self) -> bool:
        """Whether there is anything in it that a server may believe, be it only a part of that."""
        certificate = self.client_certificate or self.client_certificate_data or self.client_key or self.client_key_data
        password = self.username or self.password
        return bool(self.token or self.token_file or password or certificate or self.exec or self.auth_provider)


class Context(Stanza, frozen=True):
    """`contexts[].context`."""

    cluster: str = ""
    user: str = ""


class NamedCluster(Stanza, frozen=True):
    """`clusters[]`; what is in it is read only once it is used, as in all that has a name."""

    name: str
    cluster: object = None


class NamedUser(Stanza, frozen=True):
    """`users[]`."""

    name: str
    user: object = None


class NamedContext(Stanza, frozen=True):
    """`contexts[]`."""

    name: str
    context: object = None


class Config(Stanza, frozen=True):
    """The file."""

    kind: str = KIND
    clusters: tuple[NamedCluster, ...] | None = None
    users: tuple[NamedUser, ...] | None = None
    contexts: tuple[NamedContext, ...] | None = None
