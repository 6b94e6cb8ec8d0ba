"""When a member that is not heard turns stale, and when it expires.

A member that is lost together with all others is no news of that member: we are cut off ourselves. So it expires only
while a witness is heard. The local member never expires, for its pods are reached without its API server.
"""

from collections.abc import Mapping

import msgspec

from fedresolver.model.event import Event, Expired, Stale
from fedresolver.model.member import Member, Phase

WITNESS_SECONDS = 10.0
"""For how long a configured witness counts as heard after it has accepted a connection: two tries, 5 s apart."""


class Terms(msgspec.Struct, frozen=True):
    """For how many seconds a member may be silent until it is stale, and be stale until it expires."""

    stale_after: float
    expire_after: float


class Signs(msgspec.Struct, frozen=True):
    """What was heard, in seconds of the monotonic clock.

    `heard` is when each member with an API server was last known to be as it is held, `contacts` when its API server
    last answered anything, `outside` when a configured witness last accepted a connection. Members that are not in
    `heard` have their own ways to be stale.
    """

    heard: Mapping[str, float]
    contacts: Mapping[str, float]
    outside: float = float("-inf")


class Pulses:
    """Watches how long members have been silent; `local` is the name of the member we run in, or empty.

    `turned` is when each stale member turned stale, in seconds of the monotonic clock; it is kept up to date in place.
    """

    def __init__(self, terms: Terms, local: str, turned: dict[str, float]) -> None:
        self._terms = terms
        self._local = local
        self._turned = turned

    def look(self, now: float, members: Mapping[str, Member], signs: Signs) -> list[Event]:
        """Return who has turned stale or expired by `now`."""
        for name in [name for name in self._turned if not _is_quiet(members.get(name))]:
            del self._turned[name]
        events: list[Event] = []
        for name, at in signs.heard.items():
            member = members.get(name)
            if member is None:
                continue
            if member.phase is Phase.SYNCED and now - at >= self._terms.stale_after:
                self._turned[name] = now
                events.append(Stale(name, at))
            elif member.phase is Phase.STALE:
                turned = self._turned.setdefault(name, now)
                if now - turned >= self._terms.expire_after and self.witnessed(name, now, members, signs):
                    events.append(Expired(name))
        return events

    def witnessed(self, lost: str, now: float, members: Mapping[str, Member], signs: Signs) -> bool:
        """Say whether somebody is heard while the member `lost` is not: another remote member, or a witness."""
        turned = self._turned.get(lost, now)
        if lost == self._local:
            return False
        if signs.outside >= max(turned, now - WITNESS_SECONDS):
            return True
        return any(
            at > turned and name not in (lost, self._local) and members[name].phase is Phase.SYNCED
            for name, at in signs.contacts.items()
            if name in members
        )


def _is_quiet(member: Member | None) -> bool:
    return member is not None and member.phase in (Phase.STALE, Phase.EXPIRED)
