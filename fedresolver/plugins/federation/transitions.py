"""Entries of the journal in a few words."""

from collections.abc import Iterator, Mapping

from fedresolver.model.journal import Entry, OfMember, OfShards
from fedresolver.model.member import Member
from fedresolver.model.service import key_text
from fedresolver.model.shard import Shard
from fedresolver.status.documents import Transition

_ABSENT = "no shard"


def transitions(
    number: int, entry: Entry, federation: str, members: Mapping[str, Member], ago: float
) -> Iterator[Transition]:
    """Yield what an entry says: one transition for a member, one for each shard that has changed.

    `ago` is what the wall clock is ahead of the monotonic one, in seconds; `members` are those of now.
    """
    match entry:
        case OfMember(name=name, before=before, after=after):
            if _of_member(before) != _of_member(after):
                age = None if after is None or after.since is None else entry.at - after.since
                yield Transition(
                    number=number,
                    at=entry.at + ago,
                    federation=federation,
                    member=name,
                    before=_of_member(before),
                    after=_of_member(after),
                    age=age,
                )
        case OfShards():
            yield from _of_shards(number, entry, federation, members, ago)
        case _:
            return


def _of_shards(
    number: int, entry: OfShards, federation: str, members: Mapping[str, Member], ago: float
) -> Iterator[Transition]:
    before = {shard.member: shard for shard in entry.before}
    after = {shard.member: shard for shard in entry.after}
    for name in sorted(before.keys() | after.keys()):
        was, is_ = _of_shard(before.get(name)), _of_shard(after.get(name))
        if was == is_:
            continue
        since = members[name].since if name in members else None
        yield Transition(
            number=number,
            at=entry.at + ago,
            federation=federation,
            member=name,
            service=key_text(entry.key),
            before=was,
            after=is_,
            age=None if since is None else max(0.0, entry.at - since),
        )


def _of_member(member: Member | None) -> str:
    if member is None:
        return "no member"
    if not member.known:
        return "not listed"
    return member.phase.value


def _of_shard(shard: Shard | None) -> str:
    """Return what matters of a shard for those who are sent to it."""
    if shard is None:
        return _ABSENT
    if shard.deleting:
        return "deleting"
    words = [f"{shard.ready} of {shard.total} ready"]
    if not shard.reachable:
        words.append("no load balancer")
    if shard.doubtful:
        words.append("doubtful")
    return ", ".join(words)
