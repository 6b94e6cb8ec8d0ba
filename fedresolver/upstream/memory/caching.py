"""A handler around a handler that asks other servers: it answers from what they said while that holds.

    nothing kept        ask, keep, answer
    it holds            answer; if it is asked for often and ends soon, ask in the background
    its end is past     ask, and answer with what is kept if that fails or takes too long (RFC 8767); for some time
                        after a failure answer with it at once

What is asked in the background belongs to the cache: one task per entry, so many in all, and none outlives it.
"""

import asyncio
import logging
from collections.abc import Callable

from fedresolver.chain.handler import Handler, Reply, Request
from fedresolver.upstream.memory.counts import Counts, Uncounted
from fedresolver.upstream.memory.entry import Entry, Refresh
from fedresolver.upstream.memory.keeping import Policy, is_in
from fedresolver.upstream.memory.lifetime import Kind, is_answer
from fedresolver.upstream.memory.memory import Memory
from fedresolver.wire.asking import key_of
from fedresolver.wire.const import type_text
from fedresolver.wire.name import to_text

RECHECK = 30.0
"""For how long after a failure data is given after its end without asking again, in seconds (RFC 8767 5)."""
MOST_REFRESHES = 1024
log = logging.getLogger("fedresolver.cache")


class Caching:
    """A cache by `policy`, to be started and stopped; `clock` is monotonic, in seconds."""

    def __init__(self, policy: Policy, clock: Callable[[], float], counts: Counts | None = None) -> None:
        self._policy = policy
        self._clock = clock
        self._counts = counts or Uncounted()
        self._memory = Memory(policy, clock, self._counts)
        self._tasks: set[Refresh] = set()
        self._stopped = False

    async def start(self) -> None:
        """Begin to ask in the background."""
        self._stopped = False

    async def stop(self) -> None:
        """Give up what is being asked in the background, and ask nothing there any more."""
        self._stopped = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def size(self, kind: Kind) -> int:
        """Return how many replies of a kind take up room: also what has left, as long as nobody wants its room."""
        return self._memory.size(kind)

    def wrap(self, next_: Handler) -> Handler:
        """Return the handler that answers from the cache, and asks `next_` for what is not in it."""

        async def handle(request: Request) -> Reply:
            query = request.query
            if not is_in(query.qname, self._policy.zones):
                return await next_(request)
            key, now = key_of(query), self._clock()
            entry = self._memory.find(key)
            if entry is not None:
                return await self._known(entry, now, request, next_)
            reply = await next_(request)
            if not reply.foreign:
                return reply
            self._counts.missed()
            return self._memory.hear(key, query, reply)

        return handle

    async def _known(self, entry: Entry, now: float, request: Request, next_: Handler) -> Reply:
        """Answer from an entry that was found at `now` or later."""
        self._memory.use(entry)
        if now >= entry.ends:
            return await self._ended(entry, request, next_)
        if self._memory.is_due(entry, now) and self._refresh(entry, request, next_) is not None:
            self._counts.prefetched()
            entry.early = entry.ends  # whether or not it succeeds: once is enough
        return self._memory.shown(entry, now)

    async def _ended(self, entry: Entry, request: Request, next_: Handler) -> Reply:
        """Return a new answer in place of an entry whose end is past, or else what it holds."""
        patience = 0.0 if self._policy.stale is None else self._policy.stale.patience
        task = self._refresh(entry, request, next_) if self._clock() >= entry.again else None
        if task is not None and patience:
            await asyncio.wait((task,), timeout=patience)
            if task.done() and not task.cancelled() and (reply := task.result()) is not None:
                return reply
            entry.again = self._clock() + RECHECK
        self._counts.gave_stale()
        return self._memory.stale(entry)

    def _refresh(self, entry: Entry, request: Request, next_: Handler) -> Refresh | None:
        """Return the task that asks for an entry anew; None when no more can be asked."""
        if entry.refresh is None and not self._stopped and len(self._tasks) < MOST_REFRESHES:
            task = asyncio.get_running_loop().create_task(self._ask(entry, request, next_))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            entry.refresh = task
        return entry.refresh

    async def _ask(self, entry: Entry, request: Request, next_: Handler) -> Reply | None:
        """Return the reply to a question that was asked before, and keep it; None when there is none to be had."""
        query, reply = request.query, None
        try:
            reply = await next_(request)
        except Exception as error:
            what = f"{to_text(query.qname)} {type_text(query.qtype)}"
            log.error("what is kept of %s cannot be renewed: %s: %s", what, type(error).__name__, error)
        finally:
            entry.refresh = None
        if reply is None or not is_answer(reply):
            entry.again = self._clock() + RECHECK
            return None
        return self._memory.hear(entry.key, query, reply, entry)
