"""Whether the federation is configured, and we know which of its members we run in."""

from collections.abc import Sequence

from fedresolver.cli.diagnose.heard import Reply
from fedresolver.cli.diagnose.listener import Listener
from fedresolver.cli.diagnose.subject import Subject, matching
from fedresolver.cli.diagnose.verdict import Unseen, Verdict, fail, fine, skip, warn
from fedresolver.status.documents import Cluster, Federation


def served(asked: str, federations: Sequence[Federation], listeners: Sequence[Listener] | Unseen) -> Verdict:
    """Say whether some federation has the name, and a listener answers for its zone."""
    if not federations:
        return fail("the server has no federation", "in the Corefile: federation NAME DOMAIN { ... }")
    found = matching(asked, federations)
    if found is None:
        there = ", ".join(one.name for one in federations)
        return fail(
            f"{asked} is of no federation here; there are: {there}", f"fedresolver explain {_example(federations)}"
        )
    replies = [] if isinstance(listeners, Unseen) else _replies(listeners)
    if replies and not any(one.authoritative for one in replies):
        what = (
            f"the server answers SOA {found.inside} with {replies[0].text}: no server block with `federation` is asked"
        )
        return fail(what, "in the Corefile: let the server block with `federation` begin with `.`")
    return fine(f"federation {found.name} has {asked or found.inside}")


def _replies(listeners: Sequence[Listener]) -> list[Reply]:
    every = (heard for one in listeners for heard in (one.udp, one.tcp))
    return [heard for heard in every if isinstance(heard, Reply)]


def _example(federations: Sequence[Federation]) -> str:
    return f"SERVICE.NAMESPACE.{federations[0].name}"


def local(subject: Subject, federations: Sequence[Federation], clusters: Sequence[Cluster]) -> Verdict:
    """Say whether the member that the server runs in is named, and there."""
    name = next(one.local for one in federations if one.name == subject.name)
    there = [one.name for one in clusters if one.federation == subject.name]
    if not there:
        return skip("there are no members")
    if not name:
        what = "no local member is named: ClusterIPs are never answered, and walks begin at the global name"
        return warn(what, f"in the federation's block: local {there[0]}")
    if name not in there:
        what = f"local {name}: there is no such member; there are: {', '.join(there)}"
        return fail(what, f"in the federation's block: local {there[0]}")
    return fine(f"local {name}")
