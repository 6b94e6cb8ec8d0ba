"""Where a federation's members come from, and what is remembered of them over a reload."""

from collections.abc import Callable, Hashable
from typing import Protocol, TypeVar, cast

import msgspec

from fedresolver.chain.plugin import Unit
from fedresolver.chain.setup import Setup
from fedresolver.model.event import Sink
from fedresolver.plugins.federation.reads import kinds
from fedresolver.plugins.federation.settings import Kubeconfig, Settings
from fedresolver.upstream.hostnames.hostnames import Hostnames
from fedresolver.watch.access.host import Host
from fedresolver.watch.cluster.metrics import ClusterMetrics
from fedresolver.watch.cluster.pace import Pace
from fedresolver.watch.cluster.roster import InClusterRoster, KubeconfigRoster, Roster
from fedresolver.watch.cluster.source import ClusterSource
from fedresolver.watch.cluster.surroundings import Surroundings
from fedresolver.watch.manifests.source import ManifestFolder
from fedresolver.watch.memory import Memory
from fedresolver.watch.probe.prober import Prober
from fedresolver.watch.probe.witness import Witnesses
from fedresolver.watch.snapshot.unit import Snapshot

U = TypeVar("U", bound=Unit)


class Source(Unit, Protocol):
    """Something that knows members, and tells what becomes of them."""

    def subscribe(self, sink: Sink) -> None:
        """Tell `sink` all that is known, and from now on every change."""

    def unsubscribe(self, sink: Sink) -> None:
        """Tell `sink` nothing more."""


class Sources(msgspec.Struct, frozen=True):
    """The sources of one federation, folders of manifests and API servers, and what stands beside them.

    `prober` and `snapshot` are None where they are not wanted.
    """

    memory: Memory
    hostnames: Hostnames
    folders: tuple[ManifestFolder, ...]
    clusters: tuple[ClusterSource, ...]
    witnesses: Witnesses
    prober: Prober | None
    snapshot: Snapshot | None

    @property
    def all(self) -> tuple[Source, ...]:
        """All that members come from."""
        return (*self.folders, *self.clusters)

    @property
    def units(self) -> tuple[Unit, ...]:
        """All that must run, in the order of its start: the snapshot's last write comes before the sources end."""
        optional = tuple(unit for unit in (self.snapshot, self.prober) if unit is not None)
        return (self.memory, self.hostnames, *self.all, *optional, self.witnesses)

    def is_cluster(self, source: Source) -> bool:
        """Say whether a source reads API servers."""
        return source in self.clusters


def gather(setup: Setup, settings: Settings) -> Sources:
    """Return the sources of a federation; those that run already go on if what they read is the same."""
    name = settings.federation.name
    memory = _keep(setup, ("memory", name), Memory)
    clusters = _clusters(setup, settings, memory)
    return Sources(
        memory,
        _keep(setup, ("hostnames", name), lambda: Hostnames(name, setup.clock, setup.metrics)),
        tuple(_folder(setup, path, memory) for path in settings.manifests),
        clusters,
        _keep(setup, ("witnesses", name, settings.witnesses), lambda: Witnesses(settings.witnesses, setup.clock)),
        _prober(setup, name) if clusters and settings.probe else None,
        _snapshot(setup, name, settings.snapshot, memory) if settings.snapshot else None,
    )


def _folder(setup: Setup, path: str, memory: Memory) -> ManifestFolder:
    folder = _keep(setup, ("manifests", path), lambda: ManifestFolder(path, setup.clock, setup.metrics))
    folder.recall_with(memory.recall)
    return folder


def _prober(setup: Setup, name: str) -> Prober:
    return _keep(setup, ("probes", name), lambda: Prober(name, setup.clock, setup.metrics))


def _snapshot(setup: Setup, name: str, path: str, memory: Memory) -> Snapshot:
    snapshot = _keep(
        setup, ("snapshot", name, path), lambda: Snapshot(path, name, memory.objects, setup.wall, setup.metrics)
    )
    memory.read = snapshot.read
    return snapshot


def _clusters(setup: Setup, settings: Settings, memory: Memory) -> tuple[ClusterSource, ...]:
    rosters: list[tuple[Hashable, Roster]] = [
        (one, kubeconfig_roster(setup, settings, one)) for one in settings.kubeconfigs
    ]
    if settings.in_cluster:
        rosters.append((settings.in_cluster, InClusterRoster(settings.in_cluster, setup.environ)))
    return tuple(_cluster(setup, settings, memory, which, roster) for which, roster in rosters)


def _cluster(setup: Setup, settings: Settings, memory: Memory, which: Hashable, roster: Roster) -> ClusterSource:
    rules, name = settings.rules, settings.federation.name
    metrics = setup.metrics.part(ClusterMetrics)
    around = Surroundings(name, Pace(settings.stale_after), setup.clock, setup.wall, metrics)
    same = (settings.exec_paths, settings.stale_after, rules.local, rules.node, tuple(rules.places), rules.select)
    return _keep(
        setup,
        ("clusters", name, which, same),
        lambda: ClusterSource(roster, lambda member: kinds(member, rules), around, memory),
    )


def kubeconfig_roster(setup: Setup, settings: Settings, kubeconfig: Kubeconfig) -> KubeconfigRoster:
    """Return the members in a kubeconfig of a federation."""
    host = Host(settings.exec_paths, setup.environ, setup.wall)
    return KubeconfigRoster(kubeconfig.path, kubeconfig.contexts, host)


def _keep(setup: Setup, key: Hashable, make: Callable[[], U]) -> U:
    return cast("U", setup.keep(key, make))
