"""How far a walk went, in words of a closed set, to be counted."""

from typing import assert_never

from fedresolver.model.service import ServiceKey
from fedresolver.model.view import View
from fedresolver.walk.level import Level
from fedresolver.walk.outcome import Hit, Local, NotReady, Nowhere, Unknown, Walk


def reached(walk: Walk) -> str:
    """Return where the answer is from: `local`, `zone`, `region`, `global`, `nowhere` or `not_ready`."""
    match walk.outcome:
        case Local():
            return "local"
        case Hit(level=level):
            return _kind(level)
        case Nowhere() | Unknown():
            return "nowhere"
        case NotReady():
            return "not_ready"
        case _:
            assert_never(walk.outcome)


def fell_back(walk: Walk, key: ServiceKey, view: View) -> bool:
    """Say whether there are shards nearer than those that answer, or than nowhere, which are not healthy.

    That a Service is not there at all is no fallback: many Services are meant to be elsewhere.
    """
    if not isinstance(walk.outcome, Hit | Nowhere):
        return False
    local = view.local.name if walk.local and view.local is not None else ""
    nearer = walk.passed[-1:]
    return any(
        shard.member == local or any(level.covers_any(view.members[shard.member].places) for level in nearer)
        for shard in view.shards(key)
    )


def _kind(level: Level) -> str:
    if level.topology_zone:
        return "zone"
    return "region" if level.region else "global"
