"""Which load balancers there are to be probed: those of federated Services in remote members that are API servers."""

from collections.abc import Iterable

from fedresolver.model.event import Event, Joined, Left, Put, Removed
from fedresolver.model.naming import Of
from fedresolver.model.objects import Export, Service
from fedresolver.model.service import ServiceKey, service_key
from fedresolver.model.store import Store
from fedresolver.watch.probe.prober import Prober

_OF_SERVICES = (Service, Export)


class Doors:
    """Tells `prober` what `store` holds of load balancers; without a prober nothing is told.

    `local` is the name of the member we run in, or empty.
    """

    def __init__(self, prober: Prober | None, store: Store, local: str) -> None:
        self._prober = prober
        self._store = store
        self._local = local
        self._members: set[str] = set()

    def take(self, events: Iterable[Event]) -> None:
        """Take in what the store was told by members with an API server."""
        for event in events:
            if self._prober is None or event.member == self._local:
                continue
            match event:
                case Put(thing=Service() | Export() as thing):
                    self._look_at(event.member, thing.namespace, thing.name)
                case Removed() if event.ref.kind in _OF_SERVICES:
                    self._look_at(event.member, event.ref.namespace, event.ref.name)
                case Left():
                    self._members.discard(event.member)
                    self._prober.leave(event.member)
                case Joined():
                    self._members.add(event.member)
                    self._turn(event.member)
                case _:  # what a member's phase is by it is told by `turn`
                    pass

    def look(self, shards: Iterable[Of]) -> None:
        """Take in that shards have other load balancers than before, whoever tells it."""
        for member, key in shards:
            if member in self._members:
                self._learn(member, key)

    def turn(self) -> None:
        """Take in that phases may have changed."""
        for member in self._members:
            self._turn(member)

    def _look_at(self, member: str, namespace: str, name: str) -> None:
        self._learn(member, service_key(namespace, name))

    def _learn(self, member: str, key: ServiceKey) -> None:
        if self._prober is None:
            return
        found = self._store.balancer(member, key)
        if found is None:
            self._prober.forget(member, key)
        else:
            self._prober.learn(member, key, *found)

    def _turn(self, name: str) -> None:
        member = self._store.members.get(name)
        if member is not None and self._prober is not None:
            self._prober.phase(name, member.phase)
