"""How reading a member goes: where it fails, and what an operator may do about that."""

import msgspec

from fedresolver.watch.cluster.trouble import Trouble, TroubleError


class Reading(msgspec.Struct, frozen=True):
    """The member's version, and for how many seconds nothing was heard of it, None where nothing ever was.

    `phase` is where reading it fails, `why` what happened there, `next` what would help; empty while nothing fails.
    """

    version: str
    heard: float | None
    phase: str = ""
    why: str = ""
    next: str = ""


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
_FORBIDDEN = "let it list and watch what the error names (deploy/rbac.yaml)"


def reading(version: str, heard: float | None, trouble: TroubleError | None, *, listed: bool) -> Reading:
    """Return how reading a member goes whose last request met `trouble`; `listed` is whether it was a watch."""
    if trouble is None:
        return Reading(version, heard)
    phase = _PHASES.get(trouble.trouble) or ("watch" if listed else "list")
    help_ = _FORBIDDEN if trouble.trouble is Trouble.FORBIDDEN else _NEXT[phase]
    return Reading(version, heard, phase, str(trouble), help_)
