"""What an answer may read: the federation as it stands, whole tuples only."""

from collections.abc import Mapping
from typing import Protocol

from fedresolver.model.member import Member
from fedresolver.model.place import Place
from fedresolver.model.service import ServiceKey
from fedresolver.model.shard import Shard


class View(Protocol):
    """The federation, read only. Nothing in it changes between two events."""

    @property
    def members(self) -> Mapping[str, Member]:
        """Every member by name."""

    @property
    def pending(self) -> tuple[Member, ...]:
        """The members that were never listed and may still come."""

    @property
    def certain(self) -> bool:
        """Whether every member is listed, or given up, and none is stale: what is not here is nowhere."""

    @property
    def local(self) -> Member | None:
        """The member we run in; None where there is none (yet)."""

    @property
    def home(self) -> Place | None:
        """Where we are; None where nothing says it."""

    @property
    def places(self) -> frozenset[Place]:
        """Every place where a listed or configured member is."""

    def shards(self, key: ServiceKey) -> tuple[Shard, ...]:
        """Return the shards of a Service in order of the members' names; none where it is known nowhere."""

    def has_namespace(self, label: bytes) -> bool:
        """Say whether the namespace (a label in wire form) has a federated Service in any member."""

    def local_shard(self, key: ServiceKey) -> Shard | None:
        """Return a Service of the local member, whether it is federated or not."""

    def local_namespace(self, label: bytes) -> bool:
        """Say whether the local member has the namespace: as an object, or by any Service in it."""
