"""Where a federation's members come from, and what is remembered of them over a reload."""

from collections.abc import Callable, Hashable, Sequence
from typing import Protocol, TypeVar, cast

import msgspec

from fedresolver.chain.plugin import Unit
from fedresolver.chain.setup import Setup
from fedresolver.model.event import Sink
from fedresolver.model.rules import Rules, Select
from fedresolver.plugins.federation.settings import Settings
from fedresolver.watch.cluster.kind import EXPORTS, NAMESPACES, NODES, SERVICES, SLICES, Kind, one_node
from fedresolver.watch.cluster.kubeconfig import Host
from fedresolver.watch.cluster.metrics import ClusterMetrics
from fedresolver.watch.cluster.pace import Pace
from fedresolver.watch.cluster.roster import InClusterRoster, KubeconfigRoster, Roster
from fedresolver.watch.cluster.source import ClusterSource
from fedresolver.watch.cluster.surroundings import Surroundings
from fedresolver.watch.manifests.source import ManifestFolder
from fedresolver.watch.memory import Memory

U = TypeVar("U", bound=Unit)


class Source(Unit, Protocol):
    """Something that knows members, and tells what becomes of them."""

    def subscribe(self, sink: Sink) -> None:
        """Tell `sink` all that is known, and from now on every change."""

    def unsubscribe(self, sink: Sink) -> None:
        """Tell `sink` nothing more."""


class Sources(msgspec.Struct, frozen=True):
    """The sources of one federation: folders of manifests, API servers, and the memory that they share."""

    memory: Memory
    folders: tuple[ManifestFolder, ...]
    clusters: tuple[ClusterSource, ...]

    @property
    def all(self) -> tuple[Source, ...]:
        """All that members come from."""
        return (*self.folders, *self.clusters)

    @property
    def units(self) -> tuple[Unit, ...]:
        """All that must run, in the order of its start."""
        return (self.memory, *self.all)


def gather(setup: Setup, settings: Settings) -> Sources:
    """Return the sources of a federation; those that run already go on if what they read is the same."""
    name = settings.federation.name
    memory = _keep(setup, ("memory", name), Memory)
    folders = tuple(
        _keep(setup, ("manifests", path), lambda path=path: ManifestFolder(path, setup.clock, setup.metrics))  # type: ignore[misc]
        for path in settings.manifests
    )
    host = Host(settings.exec_paths, setup.environ, setup.wall)
    rosters: list[tuple[Hashable, Roster]] = [
        (one, KubeconfigRoster(one.path, one.contexts, host)) for one in settings.kubeconfigs
    ]
    if settings.in_cluster:
        rosters.append((settings.in_cluster, InClusterRoster(settings.in_cluster, setup.environ)))
    around = Surroundings(name, Pace(settings.stale_after), setup.clock, setup.wall, setup.metrics.part(ClusterMetrics))
    rules = settings.rules
    same = (settings.exec_paths, settings.stale_after, rules.local, rules.node, tuple(rules.places), rules.select)
    clusters = tuple(
        _keep(
            setup,
            ("clusters", name, which, same),
            lambda roster=roster: ClusterSource(roster, lambda member: _kinds(member, rules), around, memory),  # type: ignore[misc]
        )
        for which, roster in rosters
    )
    return Sources(memory, folders, clusters)


def _keep(setup: Setup, key: Hashable, make: Callable[[], U]) -> U:
    return cast("U", setup.keep(key, make))


def _kinds(member: str, rules: Rules) -> Sequence[Kind]:
    """Return what must be read of a member; slices come first, so that a Service is seldom seen without its own."""
    kinds = [SLICES, SERVICES]
    if member not in rules.places:
        kinds.append(NODES)
    elif member == rules.local and rules.node:
        kinds.append(one_node(rules.node))
    if member == rules.local:
        kinds.append(NAMESPACES)
    if rules.select is Select.EXPORTED:
        kinds.append(EXPORTS)
    return kinds
