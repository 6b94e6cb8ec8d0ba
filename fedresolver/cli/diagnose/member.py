"""Whether the members can be read: each stage of that for itself, and what they say of themselves."""

import shlex
from collections.abc import Callable, Sequence

from fedresolver.cli.diagnose.verdict import Verdict, fail, fine, skip, warn
from fedresolver.status.documents import Cluster

_STAGES = ("dial", "tls", "credentials")
"""Where reading a member fails before it is asked for anything, in this order."""
_SKEW_WARN, _SKEW_FAIL = 5.0, 60.0
"""Seconds; tokens and certificates are believed for a minute more or less, and no longer."""
MANIFESTS = "manifests"


def dial(clusters: Sequence[Cluster]) -> Verdict:
    """Say whether each API server can be connected to."""
    right = "let TCP through to it, or: kubectl config set-cluster CLUSTER --server=https://ADDRESS:6443 (context {})"
    return _stage(clusters, "dial", lambda one: right.format(one.name))


def tls(clusters: Sequence[Cluster]) -> Verdict:
    """Say whether each API server has a certificate that is believed."""
    right = "kubectl config set-cluster CLUSTER --certificate-authority=CA.crt --embed-certs (context {})"
    return _stage(clusters, "tls", lambda one: right.format(one.name))


def credentials(clusters: Sequence[Cluster]) -> Verdict:
    """Say whether each API server knows us."""
    token = "-n fedresolver create token fedresolver-remote"
    right = f"kubectl config set-credentials USER --token=$(kubectl --context {{}} {token})"
    return _stage(clusters, "credentials", lambda one: right.format(shlex.quote(one.name)))


def rights(clusters: Sequence[Cluster]) -> Verdict:
    """Say whether we may list and watch all kinds of objects that are read."""
    asked = _past(_served(clusters), len(_STAGES))
    if not asked:
        return _nobody(clusters)
    missing = [(one, kind) for one in asked for kind in one.kinds if kind.forbidden]
    if missing:
        one, kind = min(missing, key=lambda pair: pair[1].optional)
        words = (f"{cluster.name}: {wanted.phase or 'list'} {wanted.name}" for cluster, wanted in missing)
        verdict = warn if kind.optional else fail
        return verdict(f"forbidden: {', '.join(words)}", _grant(one))
    return fine(f"{_names(asked)}: {', '.join(dict.fromkeys(kind.name for one in asked for kind in one.kinds))}")


def read(clusters: Sequence[Cluster]) -> Verdict:
    """Say whether each member tells what it has, whatever else may keep it from that."""
    asked = [one for one in clusters if one.source == MANIFESTS] + _past(_served(clusters), len(_STAGES))
    asked = [one for one in asked if not any(kind.forbidden for kind in one.kinds)]
    if not asked:
        return skip("no member lets itself be read")
    for one in asked:
        if one.phase or one.status != "Ready":
            return fail(f"{one.name} is {one.status}: {one.why or 'nothing is heard of it'}", _look(one))
    return fine(f"{_names(asked)}: Ready")


def labels(clusters: Sequence[Cluster]) -> Verdict:
    """Say whether each member says where it is."""
    known = [one for one in clusters if one.status != "NotListed" and not _nodes_forbidden(one)]
    if not known:
        return skip("no member is listed whose Nodes may be read")
    for one in known:
        right = f"kubectl --context {shlex.quote(one.name)} label node --all topology.kubernetes.io/"
        if not one.regions:
            mend = f"{right}region=REGION topology.kubernetes.io/zone=TOPOLOGY_ZONE"
            return fail(f"{one.name}: its Nodes name no region: it counts globally only", mend)
        if not one.zones:
            return warn(f"{one.name}: its Nodes name no topology zone", f"{right}zone=TOPOLOGY_ZONE")
    return fine("; ".join(f"{one.name}: {', '.join(one.regions)}" for one in known))


def clock(clusters: Sequence[Cluster]) -> Verdict:
    """Say whether the clocks of the API servers and of the server agree."""
    known = [(abs(one.skew), one) for one in clusters if one.skew is not None]
    if not known:
        return skip("no API server has said what time it has")
    worst, one = max(known, key=lambda pair: pair[0])
    if worst < _SKEW_WARN:
        return fine(f"all agree to {max(1, round(worst))}s")
    ahead = "ahead of" if (one.skew or 0.0) > 0 else "behind"
    verdict = fail if worst >= _SKEW_FAIL else warn
    return verdict(
        f"{one.name}: its clock is {round(worst)}s {ahead} ours", "on both machines: timedatectl set-ntp true"
    )


def _stage(clusters: Sequence[Cluster], stage: str, mend: Callable[[Cluster], str]) -> Verdict:
    asked = _past(_served(clusters), _STAGES.index(stage))
    if not asked:
        return _nobody(clusters)
    failing = [one for one in asked if one.phase == stage]
    if failing:
        first = failing[0]
        return fail(f"{_names(failing)}: {first.why}", mend(first))
    return fine(_names(asked))


def _nobody(clusters: Sequence[Cluster]) -> Verdict:
    return skip("no API server can be asked" if _served(clusters) else "no member is an API server")


def _served(clusters: Sequence[Cluster]) -> list[Cluster]:
    return [one for one in clusters if one.source != MANIFESTS]


def _past(clusters: Sequence[Cluster], stages: int) -> list[Cluster]:
    """Return those that do not fail at one of the first stages."""
    return [one for one in clusters if one.phase not in _STAGES[:stages]]


def _nodes_forbidden(one: Cluster) -> bool:
    return any(kind.name == "nodes" and kind.forbidden for kind in one.kinds)


def _grant(one: Cluster) -> str:
    which = "local" if one.local else "remote"
    return f"fedresolver rbac --member {which} | kubectl --context {shlex.quote(one.name)} apply -f -"


def _look(one: Cluster) -> str:
    if one.source == MANIFESTS:
        return f"fedresolver check, and see that the folder of {one.name} can be read"
    return f"kubectl --context {shlex.quote(one.name)} get --raw '/readyz?verbose'"


def _names(clusters: Sequence[Cluster]) -> str:
    return ", ".join(one.name for one in clusters)
