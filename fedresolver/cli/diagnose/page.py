"""Whether the server tells of itself, and is the one that this command belongs to."""

import msgspec

from fedresolver.cli.diagnose.verdict import Unseen, Verdict, fail, fine, warn
from fedresolver.status.documents import Cluster, Explanation, Server, Service


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What the status pages at `url` say; `explanation` is of the name that is asked for.

    `beside` is whether this runs on the same machine, or in the same pod, as the server.
    """

    url: str
    server: Server
    clusters: tuple[Cluster, ...] = ()
    services: tuple[Service, ...] = ()
    explanation: Explanation | Unseen
    beside: bool


def reached(page: Page | Unseen) -> Verdict:
    """Say whether the status pages answer."""
    if isinstance(page, Unseen):
        return fail(page.why, "in the Corefile: status; from outside: kubectl port-forward POD 8053, then --server")
    return fine(f"{page.url}: {'ready' if page.server.ready else 'not ready: ' + '; '.join(page.server.missing)}")


def version(page: Page, ours: str) -> Verdict:
    """Say whether the server is of this command's version."""
    theirs = page.server.version
    if theirs == ours:
        return fine(ours)
    verdict = warn if theirs.split(".")[:2] == ours.split(".")[:2] else fail
    return verdict(f"the server is {theirs}, this command {ours}", f"pip install fedresolver=={theirs}")
