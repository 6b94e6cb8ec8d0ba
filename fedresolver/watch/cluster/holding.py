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
        self._seen: set[Ref] = set()

    def restore(self, objects: Iterable[Object]) -> None:
        """Hold what was known at an earlier time, until a list says what there is."""
        self.objects = {ref(thing): thing for thing in objects}
        self._weight = sum(weight(thing) for thing in self.objects.values())

    def begin(self) -> None:
        """Expect a list: what it does not name until `finish` is gone."""
        self._seen = set()

    def take(self, taken: Taken) -> Object | Ref | None:
        """Take in an object that is there: return its new state, which it is if it says nothing any more, or None.

        A damaged one keeps the state that it had. TroubleError when there is too much.
        """
        if taken.ref is None:
            return None
        self._seen.add(taken.ref)
        if len(self._seen) > self._largest:
            raise self._too_much()
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

    def finish(self) -> list[Ref]:
        """Let go, and return, what the list has not named."""
        gone = [which for which in self.objects if which not in self._seen]
        for which in gone:
            self.remove(which)
        self._seen = set()
        return gone

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
