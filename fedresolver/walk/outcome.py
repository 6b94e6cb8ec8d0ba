"""The named ways in which a walk ends, and what it saw on its way."""

from typing import TypeAlias

import msgspec

from fedresolver.model.member import Member
from fedresolver.model.shard import Shard
from fedresolver.walk.level import Level


class Local(msgspec.Struct, frozen=True, gc=False):
    """The local shard answers."""

    shard: Shard


class Hit(msgspec.Struct, frozen=True, gc=False):
    """The healthy shards at `level` answer, in order of the members' names."""

    level: Level
    shards: tuple[Shard, ...]


class Nowhere(msgspec.Struct, frozen=True, gc=False):
    """The Service is known, and healthy nowhere on the way."""


class Unknown(msgspec.Struct, frozen=True, gc=False):
    """The Service is known nowhere, or the place that was asked for does not exist."""


class NotReady(msgspec.Struct, frozen=True, gc=False):
    """The answer depends on members that were never listed. It is not that there is none."""

    members: tuple[str, ...]


Outcome: TypeAlias = Local | Hit | Nowhere | Unknown | NotReady


class Walk(msgspec.Struct, frozen=True, gc=False):
    """How a walk went: `passed` are the levels without an answer, narrow first, `local` whether it began with us.

    `reasons` says of the local shard, if it was looked at, and of each level that was passed why it did not answer.
    `stale` are the members whose word is old and was used.
    """

    outcome: Outcome
    local: bool = False
    passed: tuple[Level, ...] = ()
    reasons: tuple[str, ...] = ()
    stale: tuple[Member, ...] = ()
