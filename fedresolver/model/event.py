"""What a source tells the store about its members.

A source calls its sink with a batch; the whole batch shows at once, or nothing of it.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from fedresolver.model.objects import Object, Ref
from fedresolver.model.service import ServiceKey


class Joined(msgspec.Struct, frozen=True, gc=False):
    """The member belongs to the federation from now on; nothing of it is known yet."""

    member: str


class Left(msgspec.Struct, frozen=True, gc=False):
    """The member was removed, with everything in it."""

    member: str


class Put(msgspec.Struct, frozen=True, gc=False):
    """An object is new or has changed."""

    member: str
    thing: Object


class Removed(msgspec.Struct, frozen=True, gc=False):
    """An object is gone."""

    member: str
    ref: Ref


class Synced(msgspec.Struct, frozen=True, gc=False):
    """All that the member has was told: it is listed, and what it says is current."""

    member: str


class Stale(msgspec.Struct, frozen=True, gc=False):
    """The member was last heard at `since` (seconds of the monotonic clock); its last state stands."""

    member: str
    since: float


class Restored(msgspec.Struct, frozen=True, gc=False):
    """All that is known of the member was told, and it is from an earlier time: it is stale since `since`."""

    member: str
    since: float


class Expired(msgspec.Struct, frozen=True, gc=False):
    """The member is stale for too long: its shards are not healthy any more."""

    member: str


class Doubted(msgspec.Struct, frozen=True, gc=False):
    """Whether the load balancer of a stale member's Service has ceased to accept connections, which it did before."""

    member: str
    key: ServiceKey
    doubtful: bool


class Failed(msgspec.Struct, frozen=True, gc=False):
    """The member could not be listed; what was told of it, if anything, stands. `why` is one line for people."""

    member: str
    why: str


class Resolved(msgspec.Struct, frozen=True, gc=False):
    """A host name of load balancers leads to these packed addresses, for `ttl` seconds; it is nobody's in particular.

    Without an address it has none, which is not the same as not to know.
    """

    hostname: str
    addresses: tuple[bytes, ...]
    ttl: int


Event: TypeAlias = Joined | Left | Put | Removed | Synced | Stale | Restored | Expired | Doubted | Failed
Sink: TypeAlias = Callable[[Sequence[Event]], None]
