"""Which load balancers there are to be probed: those of remote members that are API servers."""

from collections.abc import Iterable, Mapping

from fedresolver.model.event import Event, Left, Put, Removed
from fedresolver.model.member import Member
from fedresolver.model.objects import Service
from fedresolver.model.rules import Rules
from fedresolver.model.service import service_key
from fedresolver.model.shard import load_balancer
from fedresolver.watch.probe.prober import Prober


class Doors:
    """Tells `prober` what members say of their load balancers; without a prober nothing is told."""

    def __init__(self, prober: Prober | None, rules: Rules) -> None:
        self._prober = prober
        self._rules = rules
        self._members: set[str] = set()

    def take(self, events: Iterable[Event], members: Mapping[str, Member]) -> None:
        """Take in what members with an API server told; `members` is how they stand after it."""
        prober = self._prober
        if prober is None:
            return
        for event in events:
            member = event.member
            if member == self._rules.local:
                continue
            match event:
                case Put(thing=Service() as service):
                    key = service_key(service.namespace, service.name)
                    prober.learn(member, key, load_balancer(service, self._rules.believes), service.tcp_ports)
                case Removed(ref=ref) if ref.kind is Service:
                    prober.forget(member, service_key(ref.namespace, ref.name))
                case Left():
                    self._members.discard(member)
                    prober.leave(member)
                case _:
                    self._turn(member, members)

    def turn(self, members: Mapping[str, Member]) -> None:
        """Take in that phases may have changed."""
        for member in self._members:
            self._turn(member, members)

    def _turn(self, name: str, members: Mapping[str, Member]) -> None:
        member = members.get(name)
        if member is not None and self._prober is not None:
            self._members.add(name)
            self._prober.phase(name, member.phase)
