"""How reading a member goes: where it fails, and what an operator may do about that."""

import msgspec

from fedresolver.watch.cluster.trouble import Trouble, TroubleError


class KindReading(msgspec.Struct, frozen=True, kw_only=True):
    """How reading one kind of objects goes: where it fails and why, empty while it does not.

    `optional` is whether the member is taken without it.
    """

    name: str
    phase: str = ""
    forbidden: bool = False
    optional: bool = False
    why: str = ""


class Reading(msgspec.Struct, frozen=True):
    """The member's version, and for how many seconds nothing was heard of it, None where nothing ever was.

    `phase` is where reading it fails, `why` what happened there, `next` what would help; empty while nothing fails.
    `skew` is by how many seconds its clock is ahead of ours, None where it is not known.
    """

    version: str
    heard: float | None
    phase: str = ""
    why: str = ""
    next: str = ""
    kinds: tuple[KindReading, ...] = ()
    skew: float | None = None


_PHASES = {
    Trouble.DIAL: "dial",
    Trouble.TIMEOUT: "dial",
    Trouble.BROKEN: "dial",
    Trouble.TLS: "tls",
    Trouble.UNAUTHORIZED: "credentials",
}
"""Where a request has failed that never came to be answered; any other fails where it was made."""
_NEXT = {
    "dial": "see whether its `server` can be reached from here: an address, a firewall, a proxy",
    "tls": "compare certificate-authority-data in the kubeconfig with the CA of the API server",
    "credentials": "renew the token or certificate in the kubeconfig, or allow its credential plugin with `exec`",
    "list": "see what its API server logs of these requests",
    "watch": "see what its API server logs of these requests",
}
_FORBIDDEN = "let it list and watch what the error names: `fedresolver rbac` prints the ClusterRoles"


def reading(version: str, heard: float | None, trouble: TroubleError | None, *, listed: bool) -> Reading:
    """Return how reading a member goes whose last request met `trouble`; `listed` is whether it was a watch."""
    if trouble is None:
        return Reading(version, heard)
    phase = _phase(trouble.trouble, listed=listed)
    help_ = _FORBIDDEN if trouble.trouble is Trouble.FORBIDDEN else _NEXT[phase]
    return Reading(version, heard, phase, str(trouble), help_)


def kind_reading(name: str, trouble: TroubleError | None, *, listed: bool, optional: bool) -> KindReading:
    """Return how reading one kind goes whose last request met `trouble`; `listed` is whether it was a watch."""
    if trouble is None:
        return KindReading(name=name)
    return KindReading(
        name=name,
        phase=_phase(trouble.trouble, listed=listed),
        forbidden=trouble.trouble is Trouble.FORBIDDEN,
        optional=optional,
        why=str(trouble),
    )


def _phase(trouble: Trouble, *, listed: bool) -> str:
    return _PHASES.get(trouble) or ("watch" if listed else "list")
