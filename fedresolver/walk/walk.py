"""The walk: from the local shard outwards, topology zone, region, everywhere, to the nearest healthy shards.

This is the product. All of it is a function of a key, a starting level and a view.
"""

from collections.abc import Iterable

from fedresolver.model.health import healthy_outside
from fedresolver.model.member import Member, Phase
from fedresolver.model.service import ServiceKey
from fedresolver.model.shard import Shard
from fedresolver.model.view import View
from fedresolver.walk.level import Level, level_of, upwards
from fedresolver.walk.outcome import Hit, Local, NotReady, Nowhere, Outcome, Unknown, Walk


def walk_inside(key: ServiceKey, view: View) -> Walk:
    """Walk from the local shard outwards, as for a pod of the local member."""
    local = view.local
    if local is not None and local.phase is Phase.PENDING:
        return Walk(NotReady((local.name,)), local=True, reasons=(_why_not_local(local, None),))
    shards = view.shards(key)
    shard = next((one for one in shards if local is not None and one.member == local.name and local.listed), None)
    if shard is not None and local is not None and shard.answers_inside:
        return Walk(Local(shard), local=True, stale=_stale((local,)))
    if local is None:
        return walk_from(level_of(view.home), key, view)
    return _climb(level_of(view.home), key, view, apart=local, reason=_why_not_local(local, shard))


def walk_from(start: Level, key: ServiceKey, view: View) -> Walk:
    """Walk from a level outwards, as for a public name."""
    return _climb(start, key, view, apart=None, reason="")


def missing_for_place(view: View) -> tuple[str, ...]:
    """Return the members that were never listed and of which nobody knows where they are."""
    return tuple(member.name for member in view.pending if not member.placed)


def _climb(start: Level, key: ServiceKey, view: View, *, apart: Member | None, reason: str) -> Walk:
    shards = view.shards(key)
    trusted = frozenset(one.member for one in healthy_outside(shards, view.members))
    reasons = [reason] if apart is not None else []
    if not shards:
        outcome: Outcome = NotReady(_names(view.pending)) if view.pending else Unknown()
        return Walk(outcome, apart is not None, reasons=tuple(reasons), stale=_stale(view.members.values()))
    passed: list[Level] = []
    seen: tuple[Shard, ...] = ()
    heard = {} if apart is None else {apart.name: apart}
    for level in upwards(start, view.places):
        seen = tuple(one for one in shards if level.covers_any(view.members[one.member].places))
        outcome = _at(level, tuple(one for one in seen if one.member in trusted), view)
        if not isinstance(outcome, Nowhere):
            break
        passed.append(level)
        # That nobody in a level is healthy is the word of everybody in it.
        heard |= {name: member for name, member in view.members.items() if level.covers_any(member.places)}
        outside = (one for one in seen if apart is None or one.member != apart.name)
        reasons.append(f"{level.text()} {_why_not(outside, view)}")
    heard |= {one.member: view.members[one.member] for one in seen}
    return Walk(outcome, apart is not None, tuple(passed), tuple(reasons), _stale(heard.values()))


def _at(level: Level, healthy: tuple[Shard, ...], view: View) -> Outcome:
    if healthy:
        return Hit(level, healthy)
    missing = [member for member in view.pending if not member.placed or level.covers_any(member.places)]
    return NotReady(_names(missing)) if missing else Nowhere()


def _why_not_local(local: Member, shard: Shard | None) -> str:
    if not local.listed:
        return "local expired" if local.known else "local not listed"
    if shard is None:
        return "local no shard"
    if shard.deleting:
        return "local deleting"
    return "local no cluster address" if shard.ready else f"local 0 of {shard.total} ready"


def _why_not(shards: Iterable[Shard], view: View) -> str:
    """Return why none of `shards` is healthy: the reason of the one that came closest."""
    shards = tuple(shards)
    standing = [one for one in shards if not one.deleting]
    alive = [one for one in standing if one.alive]
    able = [one for one in alive if one.reachable]
    if able:
        return "doubtful" if any(one.doubtful for one in able) else "expired"
    if alive:
        return "no load balancer"
    if standing:
        return f"0 of {sum(one.total for one in standing)} ready"
    return "deleting" if shards else "no shard"


def _stale(members: Iterable[Member]) -> tuple[Member, ...]:
    return tuple(member for member in members if member.since is not None)


def _names(members: Iterable[Member]) -> tuple[str, ...]:
    return tuple(member.name for member in members)
