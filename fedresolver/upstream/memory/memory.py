"""What other servers said, by question, as long as it holds: bounded in number and in octets.

Three stores, so that no kind of reply drives out another: answers, denials, failures. A question is in one of them at
most. What was not used for the longest time goes first, whether or not it holds; to be repeated on the server's fast
path is a use.
"""

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from fedresolver.chain.handler import Ede, Life, Reply
from fedresolver.upstream.memory.counts import Counts
from fedresolver.upstream.memory.entry import USUAL, Entry, Key
from fedresolver.upstream.memory.keeping import Policy, is_in
from fedresolver.upstream.memory.lifetime import Kind, bounded, is_answer, kind_of, sections_after, with_ttl
from fedresolver.upstream.memory.store import Store
from fedresolver.wire.const import Ede as Code
from fedresolver.wire.const import Rcode
from fedresolver.wire.query import Query

PLUGIN = "cache"
STALE_TTL = 30
"""The TTL of what is given after its end, in seconds (RFC 8767 4)."""
LARGEST = 65_536
"""The octets above which a reply is not kept."""
_SHORTEST_LEAD = 1.0
"""What is to be asked for early is asked for so many seconds before its end."""


class Memory:
    """Remembers replies by `policy`; `clock` is monotonic, in seconds, and `counts` is told of evictions."""

    def __init__(self, policy: Policy, clock: Callable[[], float], counts: Counts) -> None:
        self._policy = policy
        self._clock = clock
        self._shares = {Kind.SUCCESS: policy.success, Kind.DENIAL: policy.denial}
        self._index: dict[Key, Entry] = {}
        capacities = (policy.success.capacity, policy.denial.capacity, policy.denial.capacity)
        self._stores = {
            kind: Store(capacity, clock, self._index, counts.evicted)
            for kind, capacity in zip(Kind, capacities, strict=True)
        }

    def size(self, kind: Kind) -> int:
        """Return how many replies of a kind take up room: also what has left, as long as nobody wants its room."""
        return len(self._stores[kind])

    def find(self, key: Key) -> Entry | None:
        """Return what is kept under `key`: a reply that holds, or data after its end that may stand in for one."""
        entry = self._index.get(key)
        return None if entry is None or self._clock() >= entry.leaves else entry

    def shown(self, entry: Entry, now: float, plugin: str = PLUGIN) -> Reply:
        """Return the reply of an entry that holds as it is now, to be given and to be repeated."""
        if not self._policy.counting:
            return replace(entry.reply, plugin=plugin)
        seconds = int(now - entry.born)
        answer, authority, additional = sections_after(entry.reply, seconds)
        life, cell = None, None
        if now < entry.early:  # else the next query may have to be acted upon
            life, cell = Life(entry.early, partial(self._used, entry), entry.born + seconds), entry.cell
        return replace(
            entry.reply,
            answer=answer,
            authority=authority,
            additional=additional,
            cell=cell,
            life=life,
            plugin=plugin,
        )

    def stale(self, entry: Entry) -> Reply:
        """Return the reply of an entry that has ended (RFC 8767 4); who validated it did so for its lifetime only."""
        answer, authority, additional = (
            with_ttl(section, STALE_TTL)
            for section in (entry.reply.answer, entry.reply.authority, entry.reply.additional)
        )
        return replace(
            entry.reply,
            answer=answer,
            authority=authority,
            additional=additional,
            ede=Ede(Code.STALE_ANSWER),
            authentic=False,
            plugin=PLUGIN,
        )

    def use(self, entry: Entry, number: int = 1) -> None:
        """Take in that an entry was asked for."""
        self._stores[entry.kind].use(entry)
        if self._policy.prefetch is not None:
            entry.count(number, self._clock(), self._policy.prefetch.gap)

    def is_due(self, entry: Entry, now: float) -> bool:
        """Say whether an entry that holds is asked for so often that it is to be asked for anew before it ends."""
        prefetch = self._policy.prefetch
        return prefetch is not None and entry.early <= now and entry.hits >= prefetch.amount

    def _used(self, entry: Entry, number: int) -> None:
        """Take in that a reply was repeated so often."""
        if number:
            self.use(entry, number)

    def hear(self, key: Key, query: Query, reply: Reply, former: Entry | None = None) -> Reply:
        """Take in the reply to `query`, and return what the asker is to be told.

        What is new is not to be repeated: most names are asked for once, and the fast path is for those that are asked
        for again. `former` is the entry that was asked for anew.
        """
        kept, now = self.find(key), self._clock()
        if kept is not None and kept.heard is reply and former is None and now < kept.ends:
            # one reply, which several were waiting for: it is asked for again already
            return self.shown(kept, now, reply.plugin)
        if reply.foreign and not is_answer(reply):
            return self._fail(key, reply, kept, now)
        self._clear(key)
        entry = self._entry(key, query, reply, now) if reply.foreign else None
        if entry is None:
            return reply
        if former is not None:
            entry.inherit(former)
        self._stores[entry.kind].put(entry)
        return entry.reply

    def _clear(self, key: Key) -> None:
        """End what is kept under `key`, whether or not it has left."""
        entry = self._index.get(key)
        if entry is not None:
            self._stores[entry.kind].remove(entry)

    def _fail(self, key: Key, reply: Reply, kept: Entry | None, now: float) -> Reply:
        """Remember a failure where nothing better is known; where an answer holds, return that."""
        if kept is not None and kept.kind is not Kind.ERROR:
            return self.shown(kept, now) if now < kept.ends else reply
        self._clear(key)
        if reply.rcode != Rcode.SERVFAIL or not self._policy.failure:
            return reply
        later = replace(reply, ede=reply.ede or Ede(Code.CACHED_ERROR), cell=None, life=None)
        entry = Entry(key, Kind.ERROR, (reply, later), now, self._policy.failure)
        if entry.weight > self._policy.denial.capacity:
            return reply
        self._stores[Kind.ERROR].put(entry)
        return reply

    def _entry(self, key: Key, query: Query, reply: Reply, now: float) -> Entry | None:
        """Return what is to be kept of an answer; None when it may not be kept."""
        kind = kind_of(query, reply)
        share = None if kind is None else self._shares.get(kind)
        if kind is None or share is None or is_in(query.qname, share.disabled):
            return None
        limited, seconds = bounded(reply, kind, share)
        entry = Entry(key, kind, (reply, limited), now, seconds)
        if seconds <= 0 or entry.weight > min(LARGEST // USUAL, share.capacity):
            return None
        if self._policy.prefetch is not None:
            entry.early -= max(seconds * self._policy.prefetch.percent / 100, min(_SHORTEST_LEAD, seconds / 2))
        if self._policy.stale is not None and kind is Kind.SUCCESS:
            entry.leaves += self._policy.stale.seconds
        return entry
