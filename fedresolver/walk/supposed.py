"""The federation as it would be: seen from another member, or with some of it down.

Each is a view over another one, so that the very same walk is made on it.
"""

from collections.abc import Mapping
from functools import cached_property

import msgspec
from msgspec.structs import replace

from fedresolver.model.member import Member, Phase, certain, pending
from fedresolver.model.place import Place
from fedresolver.model.service import ServiceKey
from fedresolver.model.shard import Shard
from fedresolver.model.view import View


class Down(msgspec.Struct, frozen=True):
    """Members that are gone with all they have: one by name, those in a region, or those in a topology zone.

    A member that is in other places too stays.
    """

    member: str = ""
    region: str = ""
    topology_zone: str = ""

    def meets(self, member: Member) -> bool:
        """Say whether a member is gone."""
        if self.member:
            return member.name == self.member
        return bool(member.places) and all(self._is_in(place) for place in member.places)

    def _is_in(self, place: Place) -> bool:
        return place.region == self.region if self.region else place.topology_zone == self.topology_zone


class Ready(msgspec.Struct, frozen=True):
    """A shard of which so many endpoints are ready."""

    member: str
    key: ServiceKey
    count: int


Change = Down | Ready


class Supposed:
    """`view` with `changes` from `now` on; where `local` names a member, as that one sees it."""

    def __init__(
        self, view: View, changes: tuple[Change, ...] = (), local: str | None = None, now: float = 0.0
    ) -> None:
        self._view = view
        self._now = now
        self._down = tuple(change for change in changes if isinstance(change, Down))
        self._ready = {(change.member, change.key): change.count for change in changes if isinstance(change, Ready)}
        self._local = local

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """Every member by name; those that are down are expired."""
        return {name: self._supposed(member) for name, member in self._view.members.items()}

    @property
    def pending(self) -> tuple[Member, ...]:
        """The members that were never listed and may still come."""
        return pending(self.members.values())

    @property
    def certain(self) -> bool:
        """Whether every member is listed, or given up, and none is stale."""
        return certain(self.members.values())

    @property
    def local(self) -> Member | None:
        """The member from which it is seen."""
        if self._local is not None:
            return self.members.get(self._local)
        local = self._view.local
        return None if local is None else self.members[local.name]

    @property
    def home(self) -> Place | None:
        """Where it is seen from."""
        if self._local is None:
            return self._view.home
        member = self.local
        return member.places[0] if member is not None and member.places else None

    @property
    def places(self) -> frozenset[Place]:
        """Every place where a member is: names do not go because clusters do."""
        return self._view.places

    def shards(self, key: ServiceKey) -> tuple[Shard, ...]:
        """Return the shards of a Service as they would be."""
        return tuple(self._shard(key, shard) for shard in self._view.shards(key))

    def has_namespace(self, label: bytes) -> bool:
        """Say whether the namespace has a federated Service in any member."""
        return self._view.has_namespace(label)

    def local_shard(self, key: ServiceKey) -> Shard | None:
        """Return a Service of the member from which it is seen."""
        if self._local is None:
            shard = self._view.local_shard(key)
        else:
            shard = next((one for one in self._view.shards(key) if one.member == self._local), None)
        return None if shard is None else self._shard(key, shard)

    def local_namespace(self, label: bytes) -> bool:
        """Say whether the member from which it is seen has the namespace, as far as that is known here."""
        return self._local is None and self._view.local_namespace(label)

    def _supposed(self, member: Member) -> Member:
        if not any(down.meets(member) for down in self._down) or not member.known:
            return member
        since = self._now if member.since is None else member.since
        return replace(member, phase=Phase.EXPIRED, since=since)

    def _shard(self, key: ServiceKey, shard: Shard) -> Shard:
        count = self._ready.get((shard.member, key))
        if count is not None:
            targets = shard.targets[:count]
            shard = replace(shard, ready=count, total=max(shard.total, count), draining=0, targets=targets)
        return shard
