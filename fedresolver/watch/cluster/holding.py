"""What a member has of one kind, and what a list or a change makes of it. Pure."""

from collections.abc import Iterable

from fedresolver.model.objects import Object, Ref, Service, Slice, ref
from fedresolver.watch.cluster.trouble import Trouble, TroubleError
from fedresolver.watch.kube.intake import Taken

LARGEST = 500_000
"""What a member may have of one kind: each object, address, port and label counts one."""


class Holding:
    """The objects of one kind, by which they are; `largest` bounds what they weigh together."""

    def __init__(self, largest: int = LARGEST) -> None:
        self.objects: dict[Ref, Object] = {}
        self._largest = largest
        self._weight = 0
        self._named = 0
        self._unnamed: set[Ref] = set()

    def restore(self, objects: Iterable[Object]) -> None:
        """Hold what was known at an earlier time, until a list says what there is."""
        self.objects = {ref(thing): thing for thing in objects}
        self._weight = sum(weight(thing) for thing in self.objects.values())

    def begin(self) -> None:
        """Expect a list: what it does not name is `unnamed` at its end."""
        self._named = 0
        self._unnamed = set(self.objects)

    def listed(self, taken: Taken) -> Object | Ref | None:
        """Take in an object that a list names; a list without an end is too much too."""
        self._named += 1
        if self._named > 2 * self._largest:
            raise self._too_much()
        if taken.ref is not None:
            self._unnamed.discard(taken.ref)
        return self.take(taken)

    def take(self, taken: Taken) -> Object | Ref | None:
        """Take in an object that is there: return its new state, which it is if it says nothing any more, or None.

        A damaged one keeps the state that it had. TroubleError when there is too much.
        """
        if taken.ref is None:
            return None
        if taken.thing is None:
            return None if taken.damaged else self.remove(taken.ref)
        old = self.objects.get(taken.ref)
        if old == taken.thing:
            return None
        gained = weight(taken.thing) - (0 if old is None else weight(old))
        if self._weight + gained > self._largest:
            raise self._too_much()
        self._weight += gained
        self.objects[taken.ref] = taken.thing
        return taken.thing

    def remove(self, which: Ref) -> Ref | None:
        """Let an object go; None when it was not there."""
        old = self.objects.pop(which, None)
        if old is None:
            return None
        self._weight -= weight(old)
        return which

    def unnamed(self) -> tuple[Ref, ...]:
        """Return what the list has not named, so that it is gone."""
        return tuple(self._unnamed)

    def _too_much(self) -> TroubleError:
        return TroubleError(Trouble.TOO_LARGE, f"more than {self._largest} objects, addresses, ports and labels")


def weight(thing: Object) -> int:
    """Return how much an object counts: itself, and what it has of addresses, ports and labels."""
    match thing:
        case Slice(endpoints=endpoints, ports=ports):
            return 1 + len(ports) + sum([1 + len(endpoint.addresses) for endpoint in endpoints])
        case Service():
            balancer = len(thing.ingress) + len(thing.hostnames) + len(thing.external_addresses)
            return 1 + len(thing.cluster_ips) + len(thing.ports) + len(thing.labels) + balancer
        case _:
            return 1
