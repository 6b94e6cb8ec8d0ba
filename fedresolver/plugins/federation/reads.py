"""What is read of a member, and so what its API server must allow."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from fedresolver.config.read import Stanza
from fedresolver.model.rules import Rules, Select
from fedresolver.plugins.federation.parse import sketch
from fedresolver.plugins.federation.settings import Kubeconfig, Settings
from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.kubeconfig import read as read_kubeconfig
from fedresolver.watch.cluster.kind import EXPORTS, NAMESPACES, NODES, SERVICES, SLICES, Kind, one_node

_ANY = "\n"
"""Stands for members whose names are not known; it is the name of none."""
_POD = {"NODE_NAME": "node"}
"""What a Pod of ours has in its environment, as far as it matters here."""


class Reads(msgspec.Struct, frozen=True):
    """The kinds of objects that are read of the member around us, and of any other; None where there is no such one."""

    local: frozenset[Kind] | None = None
    remote: frozenset[Kind] | None = None

    def join(self, other: "Reads") -> "Reads":
        """Return what is read by both."""
        return Reads(_join(self.local, other.local), _join(self.remote, other.remote))


def kinds(member: str, rules: Rules) -> Sequence[Kind]:
    """Return what must be read of a member; slices come first, so that a Service is seldom seen without its own."""
    found = [SLICES, SERVICES]
    if member not in rules.places:
        found.append(NODES)
    elif member == rules.local and rules.node:
        found.append(one_node(rules.node))
    if member == rules.local:
        found.append(NAMESPACES)
    if rules.select is Select.EXPORTED:
        found.append(EXPORTS)
    return found


def reads(stanzas: Iterable[Stanza], environ: Mapping[str, str]) -> Reads:
    """Return what the federations of these stanzas read of API servers, run in a Pod; ConfigError for a wrong one.

    Files that they name need not be there. A kubeconfig that is not may have members of any name.
    """
    found = Reads()
    for stanza in stanzas:
        found = found.join(_reads(sketch(stanza, {**environ, **_POD})))
    return found


def _reads(settings: Settings) -> Reads:
    rules = settings.rules
    members = set(_members(settings))
    local = {rules.local} & members or ({rules.local} if rules.local and _ANY in members else set())
    return Reads(_of(local, rules), _of(members - local, rules))


def _members(settings: Settings) -> Iterator[str]:
    if settings.in_cluster:
        yield settings.in_cluster
    for kubeconfig in settings.kubeconfigs:
        yield from kubeconfig.contexts or _contexts(kubeconfig)


def _contexts(kubeconfig: Kubeconfig) -> tuple[str, ...]:
    try:
        return read_kubeconfig(kubeconfig.path).contexts
    except AccessError:
        return (_ANY,)


def _of(members: Iterable[str], rules: Rules) -> frozenset[Kind] | None:
    return frozenset(kind for member in members for kind in kinds(member, rules)) or None


def _join(some: frozenset[Kind] | None, others: frozenset[Kind] | None) -> frozenset[Kind] | None:
    return (some or frozenset()) | (others or frozenset()) or None
