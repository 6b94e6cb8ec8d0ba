"""What `federation NAME DOMAIN { ... }` in the Corefile may say."""

from enum import Enum

import msgspec

from fedresolver.model.rules import Rules
from fedresolver.walk.federation import Federation
from fedresolver.wire.name import Name


class Explain(Enum):
    """Where answers say why (RFC 8914): nowhere, where pods ask, or below the public domain too."""

    OFF = "off"
    ON = "on"
    ALL = "all"


class NameServer(msgspec.Struct, frozen=True):
    """A name server of the federation's zones, with the packed addresses that it has."""

    name: Name
    addresses: tuple[bytes, ...] = ()


class Kubeconfig(msgspec.Struct, frozen=True):
    """A kubeconfig, and which of its contexts are members; without any all are."""

    path: str
    contexts: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One federation as its operator describes it. All times are in seconds.

    `manifests` are folders of members, `in_cluster` is the name of the member around us or empty, `exec_paths` are the
    credential plugins that kubeconfigs may run. `snapshot` is the file in which the members' state is kept, empty where
    it is not. `probe` is whether load balancers of members that are lost are tried. `witnesses` are hosts, as names or
    addresses, and ports: one that accepts a connection shows that we are not cut off ourselves. `fallthrough` are the
    zones of which names that are not ours go to the next plugin: None where nothing does.
    """

    federation: Federation
    rules: Rules
    manifests: tuple[str, ...] = ()
    kubeconfigs: tuple[Kubeconfig, ...] = ()
    in_cluster: str = ""
    exec_paths: tuple[str, ...] = ()
    stale_after: float = 30.0
    expire_after: float = 600.0
    startup_timeout: float = 30.0
    snapshot: str = ""
    probe: bool = True
    witnesses: tuple[tuple[str, int], ...] = ()
    explain: Explain = Explain.ON
    fallthrough: tuple[Name, ...] | None = None
    name_servers: tuple[NameServer, ...] = ()
    hostmaster: Name
