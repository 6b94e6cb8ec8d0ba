"""When a shard is doubtful: its load balancer accepted us while its member was synced, and does not while it is lost.

A member that is lost together with everything else is no news of its shards, so that doubt begins only before a
witness. What never accepted us is never doubtful: a firewall that keeps us out keeps no client out.
"""

from enum import Enum

import msgspec

from fedresolver.model.service import ServiceKey

MOST_TARGETS = 16
"""Of a shard, the addresses with their ports that are tried: a try must end, whatever its member says."""


class State(Enum):
    """What is known of a shard's load balancer; OPEN and SHUT are from the last try while its member was synced."""

    UNTRIED = "untried"
    OPEN = "open"
    SHUT = "shut"
    DOUBTFUL = "doubtful"


class Sign(Enum):
    """What a try has shown: ACCEPTED and REFUSED while the member is synced, the others while it is lost.

    LOST is refused before a witness, ALONE is refused without one. BACK is no try: the member is synced again.
    """

    ACCEPTED = "accepted"
    REFUSED = "refused"
    REACHED = "reached"
    LOST = "lost"
    ALONE = "alone"
    BACK = "back"


NEXT: dict[tuple[State, Sign], State] = {
    (State.UNTRIED, Sign.ACCEPTED): State.OPEN,
    (State.UNTRIED, Sign.REFUSED): State.SHUT,
    (State.UNTRIED, Sign.REACHED): State.UNTRIED,  # only what a synced member's shard does can be compared with
    (State.UNTRIED, Sign.LOST): State.UNTRIED,
    (State.UNTRIED, Sign.ALONE): State.UNTRIED,
    (State.UNTRIED, Sign.BACK): State.UNTRIED,
    (State.OPEN, Sign.ACCEPTED): State.OPEN,
    (State.OPEN, Sign.REFUSED): State.SHUT,
    (State.OPEN, Sign.REACHED): State.OPEN,
    (State.OPEN, Sign.LOST): State.DOUBTFUL,
    (State.OPEN, Sign.ALONE): State.OPEN,
    (State.OPEN, Sign.BACK): State.OPEN,
    (State.SHUT, Sign.ACCEPTED): State.OPEN,
    (State.SHUT, Sign.REFUSED): State.SHUT,
    (State.SHUT, Sign.REACHED): State.SHUT,
    (State.SHUT, Sign.LOST): State.SHUT,
    (State.SHUT, Sign.ALONE): State.SHUT,
    (State.SHUT, Sign.BACK): State.SHUT,
    (State.DOUBTFUL, Sign.ACCEPTED): State.OPEN,
    (State.DOUBTFUL, Sign.REFUSED): State.SHUT,
    (State.DOUBTFUL, Sign.REACHED): State.OPEN,
    (State.DOUBTFUL, Sign.LOST): State.DOUBTFUL,
    (State.DOUBTFUL, Sign.ALONE): State.DOUBTFUL,
    (State.DOUBTFUL, Sign.BACK): State.OPEN,  # the watch is the better word
}


class Door(msgspec.Struct, gc=False, eq=False):
    """A shard's load balancer as something to connect to.

    `tried_at` is when the last try began, in monotonic seconds, -inf where there was none.
    """

    member: str
    key: ServiceKey
    addresses: tuple[bytes, ...]
    ports: tuple[int, ...]
    state: State = State.UNTRIED
    tried_at: float = float("-inf")

    @property
    def doubtful(self) -> bool:
        """Whether clients should not be sent there."""
        return self.state is State.DOUBTFUL

    def targets(self) -> tuple[tuple[bytes, int], ...]:
        """Return the packed addresses with a port each, in the order in which they are tried."""
        every = ((address, port) for port in self.ports for address in self.addresses)
        return tuple(target for target, _ in zip(every, range(MOST_TARGETS), strict=False))


def sign(*, accepted: bool, synced: bool, witness: bool) -> Sign:
    """Return what a try has shown of a member that is `synced` or lost, before a witness or without one."""
    if synced:
        return Sign.ACCEPTED if accepted else Sign.REFUSED
    if accepted:
        return Sign.REACHED
    return Sign.LOST if witness else Sign.ALONE
