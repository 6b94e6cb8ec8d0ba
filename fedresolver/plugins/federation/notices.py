"""What an operator should read about a federation: changes of its members, and what looks like a slip, once each."""

import logging
from collections.abc import Iterator

from fedresolver.model.member import Member, Phase
from fedresolver.model.place import Place
from fedresolver.model.rules import Rules
from fedresolver.model.store import Store
from fedresolver.walk.federation import Federation
from fedresolver.wire.name import to_text

log = logging.getLogger("fedresolver.federation")
MOST_DOUBTS = 1000
"""Of a federation, what may be doubted, each a line of the log: places are what members say, as often as they like."""
_NEWS = {Phase.SYNCED: logging.INFO, Phase.STALE: logging.WARNING, Phase.EXPIRED: logging.WARNING}


class Notices:
    """Logs what is new in the store of `federation`, to which `rules` apply."""

    def __init__(self, federation: Federation, rules: Rules) -> None:
        self._federation = federation
        self._rules = rules
        self._phases: dict[str, Phase] = {}
        self._said: set[str] = set()

    def look(self, store: Store) -> None:
        """Log what has changed since the last look, and each doubt that was not yet said."""
        for member in store.members.values():
            if self._phases.get(member.name) is not member.phase and member.phase in _NEWS:
                log.log(_NEWS[member.phase], "member %s %s", member.name, _state(member))
        for name in self._phases.keys() - store.members.keys():
            log.warning("member %s was removed", name)
        self._phases = {member.name: member.phase for member in store.members.values()}
        for text in self._doubts(store):
            if text not in self._said and len(self._said) < MOST_DOUBTS:
                self._said.add(text)
                log.warning("%s", text)

    def _doubts(self, store: Store) -> Iterator[str]:
        rules = self._rules
        if rules.local and store.local is None:
            yield f"local {rules.local}: there is no such member (yet), so the walk starts at the global name"
        for name in rules.places.keys() - store.members.keys():
            yield f"topology {name}: there is no such member (yet)"
        for name in rules.speaks_for.keys() - store.members.keys():
            yield f"member {name}: there is no such member (yet), so its `namespaces` restrict nobody"
        yield from (_homeless(member) for member in store.members.values() if member.listed and not member.places)
        yield from (_shadowed(place) for place in sorted(store.places) if _is_shadowed(place, store))
        if store.local_namespace(self._federation.label):
            name, zone = self._federation.name, to_text(self._federation.inside)
            yield f"namespace {name} of the local member is called like the federation: below {zone} it comes first"


def _state(member: Member) -> str:
    if member.phase is Phase.EXPIRED and member.since is None:
        return "is not listed: it counts as having no shards until it is"
    return f"is {member.phase.value}"


def _homeless(member: Member) -> str:
    return (
        f"member {member.name} has no place, so it counts globally only; label its Nodes with "
        f"topology.kubernetes.io/region and topology.kubernetes.io/zone, or write `topology {member.name} REGION ...`"
    )


def _is_shadowed(place: Place, store: Store) -> bool:
    return any(place.topology_zone == other.region for other in store.places)


def _shadowed(place: Place) -> str:
    return f"topology zone {place.topology_zone} is called like a region: its short name means the region"
