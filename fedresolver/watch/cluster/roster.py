"""Which members that are API servers there are, and how each is reached."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from fedresolver.watch.access.entry import Access, AccessError
from fedresolver.watch.access.host import Host
from fedresolver.watch.access.in_cluster import InCluster
from fedresolver.watch.access.kubeconfig import Kubeconfig, NoAccess, read
from fedresolver.watch.stamp import Stamp, stamp


class Way(msgspec.Struct, frozen=True):
    """How a member is reached; the fingerprint is another when the way is."""

    fingerprint: str
    access: Access


class Roster(Protocol):
    """The members that some part of the configuration names."""

    def stamp(self) -> Stamp | None:
        """Return what differs when `ways` may; cheap."""

    def ways(self) -> Mapping[str, Way]:
        """Return the members by name; AccessError when nothing can be known of them. It may wait for the disk."""


class KubeconfigRoster:
    """The members in the kubeconfig at `path`: those of `contexts` that are there, all where none is named."""

    def __init__(self, path: str, contexts: tuple[str, ...], host: Host) -> None:
        self._path = path
        self._contexts = contexts
        self._host = host

    def stamp(self) -> Stamp | None:
        """Return the stamp of the file."""
        return stamp(self._path)

    def ways(self) -> dict[str, Way]:
        """Read the file; a context that is described badly hurts only itself."""
        kubeconfig = read(self._path)
        return {
            context: Way(kubeconfig.fingerprint(context), self._access(kubeconfig, context))
            for context in self._wanted(kubeconfig)
        }

    def warnings(self) -> tuple[str, ...]:
        """Return a line for each member that cannot be reached as it is described, or only in a way that is unsafe."""
        try:
            kubeconfig = read(self._path)
        except AccessError as error:
            return (str(error),)
        return tuple(filter(None, (kubeconfig.warning(one, self._host) for one in self._wanted(kubeconfig))))

    def _wanted(self, kubeconfig: Kubeconfig) -> list[str]:
        return [one for one in self._contexts or kubeconfig.contexts if one in kubeconfig.contexts]

    def _access(self, kubeconfig: Kubeconfig, context: str) -> Access:
        try:
            return kubeconfig.access(context, self._host)
        except AccessError as error:
            return NoAccess(error)


class InClusterRoster:
    """The member `name` that we run in, by its service account."""

    def __init__(self, name: str, environ: Mapping[str, str]) -> None:
        self._name = name
        self._environ = environ

    def stamp(self) -> Stamp | None:
        """Return nothing: there is one member, always."""
        return None

    def ways(self) -> dict[str, Way]:
        """Return the way to the cluster around us; AccessError when there is none."""
        return {self._name: Way("", InCluster(self._environ))}
