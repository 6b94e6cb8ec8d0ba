"""Who may ask for what: policies in order, of which the first that fits a client, a name and a type decides."""

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from itertools import groupby

import msgspec

from fedresolver.plugins.acl.networks import Network, Networks
from fedresolver.server.packed import packed
from fedresolver.wire.name import Name, parents

MOST_ADDRESSES = 16_384
"""Clients of which it is remembered which networks they are in."""


class Action(Enum):
    """What becomes of a query: it is answered, refused, answered without records, or left without an answer."""

    ALLOW = "allow"
    BLOCK = "block"
    FILTER = "filter"
    DROP = "drop"


class Policy(msgspec.Struct, frozen=True):
    """What becomes of queries of these types from these networks; None is every type, and everybody."""

    action: Action
    types: frozenset[int] | None = None
    networks: tuple[Network, ...] | None = None


class Rule(msgspec.Struct, frozen=True):
    """The policies for names in some zones, in their order."""

    zones: tuple[Name, ...]
    policies: tuple[Policy, ...]


class Step(msgspec.Struct, frozen=True):
    """A policy for one zone; `bit` is set for clients that it is for, and grows with its place among all policies."""

    bit: int
    action: Action
    types: frozenset[int] | None
    zone: Name


Steps = tuple[Step, ...]
"""What is to be asked about a name and a type, in this order; empty when nobody is denied them."""


class Rules:
    """All rules of a server block. Names and types are looked up with `steps`, clients with `bits`."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_zone: dict[bytes, Steps] = {}
        sets: list[tuple[Network, ...] | None] = []
        for rule in rules:
            policies = tuple(_merged(rule.policies))
            for zone in dict.fromkeys(rule.zones):
                steps = tuple(
                    Step(1 << number, policy.action, policy.types, zone)
                    for number, policy in enumerate(policies, len(sets))
                )
                self._by_zone[zone] = self._by_zone.get(zone, ()) + steps
            sets += (policy.networks for policy in policies)
        self._networks = Networks(sets)
        self._everybody = self._networks.bits_of_all(4) & self._networks.bits_of_all(6)
        self._of_any_type = {
            zone: self._needed(steps, 0)
            for zone, steps in self._by_zone.items()
            if all(step.types is None for step in steps)
        }
        self.bits = lru_cache(maxsize=MOST_ADDRESSES)(self._bits)

    def _bits(self, address: str) -> int:
        """Return the bits of the policies that a client's address is in."""
        return self._networks.bits(packed(address))

    def steps(self, name: Name, starts: tuple[int, ...], qtype: int) -> Steps:
        """Return what is to be asked of a client that asks for a name, whose labels begin at `starts`, and a type."""
        zones = [zone for start in starts if (zone := name[start:]) in self._by_zone]
        if len(zones) == 1 and zones[0] in self._of_any_type:
            return self._of_any_type[zones[0]]
        return self._needed(self._of_zones(zones), qtype) if zones else ()

    def _of_zones(self, zones: Iterable[bytes]) -> Steps:
        """Return the steps of these zones, the longest first; of those of one policy the one for the longest zone."""
        found = [self._by_zone[zone] for zone in zones if zone in self._by_zone]
        if len(found) < 2:
            return found[0] if found else ()
        steps = {step.bit: step for steps in reversed(found) for step in steps}
        return tuple(steps[bit] for bit in sorted(steps))

    def _needed(self, steps: Steps, qtype: int) -> Steps:
        """Return the steps up to the last that denies something, or to one that is for everybody."""
        needed: list[Step] = []
        end = 0
        for step in steps:
            if step.types is None or qtype in step.types:
                needed.append(step)
                if step.action is not Action.ALLOW:
                    end = len(needed)
                if step.bit & self._everybody:
                    break
        return tuple(needed[:end])

    def keeps_out(self, zones: Iterable[Name]) -> tuple[int, ...]:
        """Return the IP versions of which strangers get no answer about these zones: who is in no network listed."""
        wanted = tuple(zones)
        return tuple(
            version
            for version in (4, 6)
            if all(_is_closed(self._of_zones(parents(zone)), self._networks.bits_of_all(version)) for zone in wanted)
        )


def denial(steps: Steps, bits: int) -> Step | None:
    """Return the step that denies a client with these `bits`, None when it is allowed."""
    for step in steps:
        if bits & step.bit:
            return None if step.action is Action.ALLOW else step
    return None


def _merged(policies: Iterable[Policy]) -> Iterator[Policy]:
    """Yield policies with those made one that follow each other and differ in their networks only."""
    for (action, types), alike in groupby(policies, key=lambda policy: (policy.action, policy.types)):
        all_networks = [policy.networks for policy in alike]
        networks = tuple(network for networks in all_networks for network in networks or ())
        yield Policy(action, types, None if None in all_networks else networks)


def _is_closed(steps: Steps, bits: int) -> bool:
    """Say whether who has these bits is denied every type."""
    for step in steps:
        if bits & step.bit:
            if step.action is Action.ALLOW:
                return False
            if step.types is None:
                return True
    return False
