"""The walk told step by step: which levels were looked at, what each shard there is like, what would change that.

It is told of a walk that was made, by the predicates that made it.
"""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address

import msgspec

from fedresolver.model.health import healthy_outside, is_trusted
from fedresolver.model.member import Member, Phase
from fedresolver.model.service import ServiceKey, key_text
from fedresolver.model.shard import Shard
from fedresolver.model.view import View
from fedresolver.walk.level import Level
from fedresolver.walk.outcome import Hit, Local, Walk


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one member has of a Service: whether that counts as healthy here, by which rule, and what would change it.

    `phase` is that of the member, `age` for how many seconds nothing was heard of it, None while its word is current.
    `ready` of `total` endpoints are ready; `addresses` are what the shard would be answered with.
    """

    member: str
    healthy: bool
    rule: str
    change: str = ""
    phase: str
    age: float | None = None
    ready: int = 0
    total: int = 0
    addresses: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A level of the walk: whether it answers, if not why in a few words, and what each member in it has."""

    level: str
    answers: bool
    reason: str = ""
    shards: tuple[Finding, ...] = ()


def steps(walk: Walk, key: ServiceKey, view: View, now: float) -> tuple[Step, ...]:
    """Return the levels that a walk looked at, the narrowest first; `now` is in seconds of the monotonic clock."""
    return tuple(_Telling(walk, key, view, now).steps())


class _Telling:
    """One walk that is told."""

    def __init__(self, walk: Walk, key: ServiceKey, view: View, now: float) -> None:
        self._walk = walk
        self._key = key
        self._view = view
        self._now = now
        self._shards = {shard.member: shard for shard in view.shards(key)}
        self._healthy = {shard.member for shard in healthy_outside(self._shards.values(), view.members)}

    def steps(self) -> Iterator[Step]:
        walk, reasons = self._walk, list(self._walk.reasons)
        apart = self._view.local if walk.local else None
        if apart is not None:
            inside = isinstance(walk.outcome, Local)
            reason = "" if inside or not reasons else reasons.pop(0).removeprefix("local ")
            yield Step(level="local", answers=inside, reason=reason, shards=(self._inside(apart),))
        for level, reason in zip(walk.passed, reasons, strict=True):
            why = reason.removeprefix(f"{level.text()} ")
            yield Step(level=level.text(), answers=False, reason=why, shards=self._at(level, apart))
        if isinstance(walk.outcome, Hit):
            level = walk.outcome.level
            shows = apart is not None and any(shard.member == apart.name for shard in walk.outcome.shards)
            yield Step(level=level.text(), answers=True, shards=self._at(level, None if shows else apart))

    def _at(self, level: Level, apart: Member | None) -> tuple[Finding, ...]:
        members = (one for one in self._view.members.values() if level.covers_any(one.places))
        return tuple(self._outside(one) for one in members if apart is None or one.name != apart.name)

    def _inside(self, member: Member) -> Finding:
        shard = self._shards.get(member.name)
        if shard is None or not member.known:
            return self._without(member)
        healthy = shard.answers_inside and member.listed
        rule, change = _inside_rule(shard, self._name) if member.listed else _EXPIRED
        return self._finding(member, shard, shard.inside, healthy=healthy, rule=rule, change=change)

    def _outside(self, member: Member) -> Finding:
        shard = self._shards.get(member.name)
        if shard is None or not member.known:
            return self._without(member)
        healthy = member.name in self._healthy
        rule, change = _outside_rule(shard, member, self._name, healthy=healthy)
        return self._finding(member, shard, shard.balancer.addresses, healthy=healthy, rule=rule, change=change)

    def _without(self, member: Member) -> Finding:
        """Tell of a member that is not known to have a shard."""
        if member.phase is Phase.PENDING:
            rule, change = "it was never listed, so nobody knows", "the member is listed"
        elif not member.known:
            rule, change = "it could not be listed, so it counts as having no shard", "the member is listed"
        else:
            rule, change = "it has no such Service, or does not federate it", f"Service {self._name} is there"
        if member.failed:
            rule += f" ({member.failed})"
        return Finding(member=member.name, healthy=False, rule=rule, change=change, phase=member.phase.value)

    def _finding(
        self, member: Member, shard: Shard, packed: Iterable[bytes], *, healthy: bool, rule: str, change: str
    ) -> Finding:
        return Finding(
            member=member.name,
            healthy=healthy,
            rule=rule,
            change=change,
            phase=member.phase.value,
            age=None if member.since is None else self._now - member.since,
            ready=shard.ready,
            total=shard.total,
            addresses=tuple(str(ip_address(address)) for address in dict.fromkeys(packed)),
        )

    @property
    def _name(self) -> str:
        return key_text(self._key)


_EXPIRED = "its member is expired", "the member is heard of again"


def _inside_rule(shard: Shard, name: str) -> tuple[str, str]:
    """Return why the local shard answers pods of its cluster or not, and what would change that."""
    if shard.deleting:
        return "the Service is being deleted", f"Service {name} is made anew"
    if shard.external_name:
        return f"the Service is a name for {shard.external_name}", "the Service is removed"
    if not shard.headless and not shard.cluster_ips:
        return "it has no ClusterIP", "the Service gets a ClusterIP"
    if shard.ready:
        return f"{shard.ready} of {shard.total} endpoints are ready", "none of them is ready any more"
    if shard.draining:
        return f"{shard.draining} of {shard.total} endpoints serve until they are gone", "the last of them is gone"
    return f"0 of {shard.total} endpoints are ready", "an endpoint is ready"


def _outside_rule(shard: Shard, member: Member, name: str, *, healthy: bool) -> tuple[str, str]:
    """Return why clients of other clusters are sent to a shard or not, and what would change that."""
    if shard.deleting:
        return "the Service is being deleted", f"Service {name} is made anew"
    if not shard.alive:
        return f"0 of {shard.total} endpoints are ready", "an endpoint is ready"
    if not shard.reachable:
        return "it has no load balancer address", "status.loadBalancer.ingress has one"
    if is_trusted(shard, member):
        return f"{shard.ready} of {shard.total} endpoints are ready", "none of them is ready any more"
    doubt, mended = (
        ("its load balancer accepts no connections any more", "its load balancer accepts one")
        if shard.doubtful
        else _EXPIRED
    )
    if healthy:
        return f"{doubt}, but it is the last shard, which is never taken", "another shard is healthy"
    return doubt, mended
