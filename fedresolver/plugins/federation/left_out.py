"""What members say and the rules leave out: addresses that no load balancer has, namespaces that are not theirs."""

import logging
from collections.abc import Iterable

from fedresolver.model.event import Event, Put, Resolved
from fedresolver.model.objects import Service
from fedresolver.model.rules import Rules
from fedresolver.observe.metrics import Counter

_MOST_SAID = 100  # lines of the log for a federation: a member that lies must not fill it
_log = logging.getLogger("fedresolver.federation")


class LeftOut:
    """Counts it for `federation`, each time that it is told; a line of the log says it once."""

    def __init__(self, federation: str, rules: Rules, counter: Counter) -> None:
        self._federation = federation
        self._rules = rules
        self._counter = counter
        self._said: set[str] = set()

    def look(self, events: Iterable[Event]) -> None:
        """Take note of what a batch says in vain."""
        for event in events:
            if isinstance(event, Put) and isinstance(event.thing, Service):
                self._look_at(event.member, event.thing)

    def _look_at(self, member: str, service: Service) -> None:
        name = f"{service.namespace}/{service.name}"
        if not self._rules.may_speak(member, service.namespace):
            self._note(member, "namespace", f"member {member}: {name} is left out: its namespace is not the member's")
            return
        for packed in (*service.ingress, *service.external_addresses):
            if not self._rules.believes(packed):
                what = (
                    f"member {member}: an address of {name} is left out: no load balancer has it; see allow_addresses"
                )
                self._note(member, "address", what)

    def look_at(self, resolved: Resolved, members: Iterable[str]) -> None:
        """Take note of what a host name that `members` have for load balancers leads to in vain."""
        if all(map(self._rules.believes, resolved.addresses)):
            return
        for member in members:
            what = (
                f"member {member}: an address that host name {resolved.hostname} leads to is left out: "
                "no load balancer has it; see allow_addresses"
            )
            self._note(member, "address", what)

    def _note(self, member: str, why: str, what: str) -> None:
        self._counter.add(self._federation, member, why)
        if what not in self._said and len(self._said) < _MOST_SAID:
            self._said.add(what)
            _log.warning("%s", what)
