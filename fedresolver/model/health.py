"""Which shards outside count as healthy, with the rules that bound what the loss of an API server may do."""

from collections.abc import Iterable, Mapping

from fedresolver.model.member import Member, Phase
from fedresolver.model.shard import Shard


def healthy_outside(shards: Iterable[Shard], members: Mapping[str, Member]) -> tuple[Shard, ...]:
    """Return those of a Service's shards that clients outside of their clusters may be sent to.

    The last shard is never taken: where doubt and expiry alone would leave none, they do not count.
    """
    able = tuple(one for one in shards if one.alive and one.reachable and members[one.member].known)
    return tuple(one for one in able if is_trusted(one, members[one.member])) or able


def is_trusted(shard: Shard, member: Member) -> bool:
    """Say whether neither doubt nor expiry speaks against a shard."""
    return member.phase is not Phase.EXPIRED and not shard.doubtful
