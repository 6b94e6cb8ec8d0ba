"""When a member that is not heard turns stale, and when it expires.

A member that is lost together with all others is no news of that member: we are cut off ourselves. So it expires only
while a witness is heard. When we are connected again not all of them are found at the same moment, so a witness that
was away itself counts only when the others had the time to be found, too. The local member never expires, for its pods
are reached without its API server.
"""

from collections.abc import Iterator, Mapping

import msgspec

from fedresolver.model.event import Event, Expired, Stale
from fedresolver.model.member import Member, Phase

WITNESS_SECONDS = 10.0
"""For how long a configured witness counts as heard after it has accepted a connection: two tries, 5 s apart."""
SETTLE_SECONDS = 10.0
"""How long a witness must be heard again after it was not, until a member expires by it: others may still come."""


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
        self._settle = min(SETTLE_SECONDS, terms.expire_after / 2)
        self._back: dict[str, float] = {}
        self._outside_since: float | None = None

    def look(self, now: float, members: Mapping[str, Member], signs: Signs) -> list[Event]:
        """Return who has turned stale or expired by `now`."""
        self._note_who_is_back(now, members, signs)
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
                if now - turned >= self._terms.expire_after and self._is_known_to_be_lost(name, now, members, signs):
                    events.append(Expired(name))
        return events

    def witnessed(self, lost: str, now: float, members: Mapping[str, Member], signs: Signs) -> bool:
        """Say whether somebody is heard while the member `lost` is not: another remote member, or a witness."""
        return self._is_heard_outside(lost, now, signs) or any(self._witnesses(lost, now, members, signs))

    def _note_who_is_back(self, now: float, members: Mapping[str, Member], signs: Signs) -> None:
        for name in [name for name in self._turned if not _is_quiet(members.get(name))]:
            del self._turned[name]
            self._back[name] = now
        self._back = {name: at for name, at in self._back.items() if now - at < self._settle and name in members}
        if signs.outside < now - WITNESS_SECONDS:
            self._outside_since = None
        elif self._outside_since is None:
            self._outside_since = now

    def _is_known_to_be_lost(self, lost: str, now: float, members: Mapping[str, Member], signs: Signs) -> bool:
        """Say whether somebody is heard while the member is not, and has been for long enough."""
        since = self._outside_since
        if self._is_heard_outside(lost, now, signs) and since is not None and now - since >= self._settle:
            return True
        return any(name not in self._back for name in self._witnesses(lost, now, members, signs))

    def _is_heard_outside(self, lost: str, now: float, signs: Signs) -> bool:
        return lost != self._local and signs.outside >= max(self._turned.get(lost, now), now - WITNESS_SECONDS)

    def _witnesses(self, lost: str, now: float, members: Mapping[str, Member], signs: Signs) -> Iterator[str]:
        """Yield the remote members that are synced and were heard after the member `lost` turned stale."""
        turned = self._turned.get(lost, now)
        for name, at in signs.contacts.items():
            member = members.get(name)
            is_other = name not in (lost, self._local) and lost != self._local
            if is_other and at > turned and member is not None and member.phase is Phase.SYNCED:
                yield name


def _is_quiet(member: Member | None) -> bool:
    return member is not None and member.phase in (Phase.STALE, Phase.EXPIRED)
