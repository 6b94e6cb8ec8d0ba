"""The federation as it stood at a moment, as far as its journal goes back."""

from collections.abc import Iterable, Mapping

from fedresolver.model.journal import Entry, OfHome, OfMember, OfShards
from fedresolver.model.member import Member, certain, pending
from fedresolver.model.place import Place
from fedresolver.model.service import ServiceKey, namespace_label
from fedresolver.model.shard import Shard
from fedresolver.model.view import View


class Past:
    """`view` before all that the entries `since` then have changed, the oldest first; `local` is the member we run in.

    `home` is where we were.
    """

    def __init__(self, view: View, since: Iterable[Entry], local: str) -> None:
        self._local = local
        self._view = view
        self._shards: dict[ServiceKey, tuple[Shard, ...]] = {}
        found: dict[str, Member | None] = {}
        homes = [view.home]
        for entry in since:
            match entry:
                case OfMember():
                    found.setdefault(entry.name, entry.before)
                case OfShards():
                    self._shards.setdefault(entry.key, entry.before)
                case OfHome():
                    homes.append(entry.before)
        self.home: Place | None = homes[1] if len(homes) > 1 else homes[0]
        members = {**view.members, **found}
        self.members: Mapping[str, Member] = {name: one for name, one in members.items() if one is not None}

    @property
    def pending(self) -> tuple[Member, ...]:
        """The members that were never listed and might still come."""
        return pending(self.members.values())

    @property
    def certain(self) -> bool:
        """Whether every member was listed, or given up, and none was stale."""
        return certain(self.members.values())

    @property
    def local(self) -> Member | None:
        """The member we run in."""
        return self.members.get(self._local)

    @property
    def places(self) -> frozenset[Place]:
        """Every place where a member was."""
        return frozenset(place for member in self.members.values() for place in member.places)

    def shards(self, key: ServiceKey) -> tuple[Shard, ...]:
        """Return the shards that a Service had."""
        shards = self._shards.get(key)
        found = self._view.shards(key) if shards is None else shards
        return tuple(shard for shard in found if self._had(shard.member))

    def has_namespace(self, label: bytes) -> bool:
        """Say whether the namespace had a federated Service, as far as that is known."""
        return self._view.has_namespace(label) or any(namespace_label(key) == label for key in self._shards)

    def local_shard(self, key: ServiceKey) -> Shard | None:
        """Return the local member's shard of a Service."""
        local = self.local
        if local is None:
            return None
        found = next((shard for shard in self.shards(key) if shard.member == local.name), None)
        return self._view.local_shard(key) if found is None and key not in self._shards else found

    def local_namespace(self, label: bytes) -> bool:
        """Say whether the local member has the namespace: that is not in the journal."""
        return self._view.local_namespace(label)

    def _had(self, name: str) -> bool:
        """Say whether a member was there, and what it had was known."""
        member = self.members.get(name)
        return member is not None and member.known
