"""Whether what is known outlives a restart."""

import os
import shlex

import msgspec

from fedresolver.cli.diagnose.verdict import Verdict, fail, fine, warn
from fedresolver.status.documents import Snapshot
from fedresolver.status.table import ago


class Kept(msgspec.Struct, frozen=True):
    """What the server says of its snapshot, None where it keeps none; `there` is whether its file is seen here.

    That is None where the machine is another.
    """

    snapshot: Snapshot | None
    there: bool | None = None


def kept(found: Kept) -> Verdict:
    """Say whether the file is there, and as new as what is known."""
    one = found.snapshot
    if one is None:
        what = "no snapshot is kept: after a restart nothing is known of members that cannot be read"
        return warn(what, "in the federation's block: snapshot /var/lib/fedresolver/state")
    right = f"install -d -o $(id -u) {shlex.quote(os.path.dirname(one.path) or '.')}  # as who runs the server"
    if one.why:
        return fail(f"{one.path} {one.why}", right)
    if found.there is False and one.written is not None:
        return fail(f"{one.path} is not there, though it was written {ago(one.written)} ago", right)
    if one.written is None:
        return fine(f"{one.path}: nothing has changed since the start")
    return fine(f"{one.path}: written {ago(one.written)} ago{', more follows' if one.waiting else ''}")
