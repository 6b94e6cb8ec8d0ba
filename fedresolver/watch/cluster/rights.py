"""What an API server must allow those who read kinds of objects of it, as RBAC has it."""

from collections.abc import Iterable
from itertools import groupby

import msgspec

from fedresolver.watch.cluster.kind import Kind

VERBS = ("list", "watch")
"""What is done with objects: nothing is ever asked for by its name, and nothing is changed."""


class Rule(msgspec.Struct, frozen=True, rename="camel"):
    """A rule of a ClusterRole."""

    api_groups: tuple[str, ...]
    resources: tuple[str, ...]
    verbs: tuple[str, ...] = VERBS


def rules(kinds: Iterable[Kind]) -> tuple[Rule, ...]:
    """Return the least rules for reading these kinds in all namespaces: one for each API group, in order."""
    pairs = sorted({(kind.api_group, kind.name) for kind in kinds})
    return tuple(
        Rule((group,), tuple(name for _, name in found)) for group, found in groupby(pairs, key=lambda pair: pair[0])
    )
