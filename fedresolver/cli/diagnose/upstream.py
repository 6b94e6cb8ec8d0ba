"""Whether those answer whom other names are forwarded to."""

from collections.abc import Sequence

import msgspec

from fedresolver.cli.diagnose.heard import Heard, Silence
from fedresolver.cli.diagnose.verdict import Verdict, fail, fine, skip, warn
from fedresolver.status.documents import Upstream

LOOPS = "loops"


class Asked(msgspec.Struct, frozen=True):
    """How an upstream stands for the server, and what it says to us; None where it was not asked from here."""

    upstream: Upstream
    heard: Heard | None = None


def answers(upstreams: Sequence[Asked]) -> Verdict:
    """Say whether each one answers; those that loop have a check of their own."""
    asked = [one for one in upstreams if one.upstream.state != LOOPS]
    if not asked:
        return skip("all upstreams loop" if upstreams else "the Corefile has no `forward`")
    for one in asked:
        to = one.upstream.to
        if isinstance(one.heard, Silence):
            return fail(f"{to}: {one.heard.why}", _mend(to))
        if one.upstream.state == "down":
            return fail(f"{to} is down: it answers no question of the server", _mend(to))
    for one in asked:
        if one.upstream.state != "up":
            return warn(f"{one.upstream.to} has just failed to answer", _mend(one.upstream.to))
    return fine(", ".join(dict.fromkeys(one.upstream.to for one in asked)))


def _mend(to: str) -> str:
    host, _, port = to.rpartition("://")[2].rpartition(":")
    transport = "kdig +tls" if to.startswith("tls://") else "dig"
    return (
        f"let port {port} through, or name another server in `forward`: {transport} @{host.strip('[]')} -p {port} . SOA"
    )
