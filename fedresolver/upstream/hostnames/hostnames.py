"""Keeps the host names of load balancers resolved, ahead of those who ask.

Theory of operation. A host name is wanted from when the first shard has it until the last has it no more. Each of its
families is a lookup of its own, which waits for its time, then for its turn, and is asked: once per TTL, and before
that ends. One that fails is tried again, later and later, and what it led to last stands. A name that a client waits
for is next; otherwise the members take turns, so that none keeps the names of the others from being asked.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from fedresolver.chain.handler import REFUSED, Handler, Reply, Request, request_of_ours
from fedresolver.model.event import Resolved
from fedresolver.observe.metrics import Metrics
from fedresolver.upstream.hostnames.budget import Budget
from fedresolver.upstream.hostnames.found import Found, found
from fedresolver.upstream.hostnames.host import Host, Lookup, lookups_of
from fedresolver.upstream.hostnames.turns import Turns
from fedresolver.wire.const import Rcode, rcode_text, type_text
from fedresolver.wire.name import ROOT

RATE = 50.0
"""Questions a second at most, and at once so many as `BURST`."""
BURST = 100
MOST_IN_FLIGHT = 32
MOST_NAMES = 10_000
"""Of one member: it cannot make us keep more, nor keep the others from having theirs."""
TRY_SECONDS = 4.0
"""For one question: less than a client waits, so that one family that is not answered does not take the other along."""
_SHORTEST_SLEEP = 0.001
_MOST_SAID = 10  # names that fail of which the log says so: one server may take all of them along

Sink: TypeAlias = Callable[[Sequence[Resolved]], object]
_log = logging.getLogger("fedresolver.federation")


class Hostnames:
    """The unit that keeps a federation's host names resolved; it outlives a reload.

    `clock` is monotonic, in seconds; `chance` draws from [0, 1).
    """

    def __init__(
        self,
        federation: str,
        clock: Callable[[], float],
        metrics: Metrics,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._federation = federation
        self._clock = clock
        self._chance = chance
        self._lookups = metrics.counter(
            "fedresolver_federation_hostname_lookups_total",
            "Questions for host names of load balancers, by how they ended.",
            ("federation", "result"),
        )
        self._known = metrics.gauge(
            "fedresolver_federation_hostnames",
            "Host names of load balancers, by whether it is known where they lead to.",
            ("federation", "state"),
            read=True,
        )
        self._hosts: dict[str, Host] = {}
        self._counts: Counter[str] = Counter()
        self._sinks: list[Sink] = []
        self._handlers: list[Handler] = []
        self._turns: Turns[Lookup] = Turns()
        self._budget = Budget(RATE, BURST)
        self._tries: set[asyncio.Task[None]] = set()
        self._sleep: asyncio.TimerHandle | None = None
        self._failing: set[str] = set()
        self._full: set[str] = set()

    def attach(self, sink: Sink) -> None:
        """Tell `sink` where host names lead to, and from now on what changes."""
        self._sinks.append(sink)
        sink([host.told for host in self._hosts.values() if host.told is not None])

    def detach(self, sink: Sink) -> None:
        """Tell `sink` nothing more."""
        if sink in self._sinks:
            self._sinks.remove(sink)

    def ask_through(self, handler: Handler) -> None:
        """Ask this handler from now on, those from before only what it refuses."""
        self._handlers.insert(0, handler)
        self._pump()

    def ask_no_more(self, handler: Handler) -> None:
        """Ask this handler no more."""
        if handler in self._handlers:
            self._handlers.remove(handler)

    def want(self, hostnames: Mapping[str, str]) -> None:
        """Keep host names resolved, each for a member that has it, until they are dropped as often as wanted."""
        known = []
        for hostname, member in hostnames.items():
            host = self._hosts.get(hostname)
            if host is None:
                self._add(hostname, member)
                continue
            host.wanted += 1
            if host.told is not None:
                known.append(host.told)
        if known:
            self._tell(known)
        self._pump()

    def drop(self, hostnames: Iterable[str]) -> None:
        """Want host names no more; one that nobody wants any more is forgotten."""
        for hostname in tuple(hostnames):
            host = self._hosts.get(hostname)
            if host is None:
                continue
            host.wanted -= 1
            if not host.wanted:
                self._forget(hostname, host)

    async def tried(self, hostnames: Iterable[str], seconds: float) -> bool:
        """Wait until one of those that were not tried yet is, at most so long; say whether one was.

        They are asked next.
        """
        hosts = [self._hosts[name] for name in hostnames if name in self._hosts and not self._hosts[name].tried]
        for host in hosts:
            for lookup in host.lookups:
                self._turns.hurry(host.owner, lookup)
        if not hosts or seconds <= 0:
            return False
        done, _ = await asyncio.wait([host.first for host in hosts], timeout=seconds, return_when="FIRST_COMPLETED")
        return bool(done)

    def refresh_metrics(self) -> None:
        """Bring the number of host names up to date."""
        known = sum(host.told is not None for host in self._hosts.values())
        self._known.set(known, self._federation, "known")
        self._known.set(len(self._hosts) - known, self._federation, "unknown")

    async def start(self) -> None:
        """Have nothing to begin: the first name does."""

    async def stop(self) -> None:
        """Forget every name, and break off what is being asked."""
        for hostname, host in tuple(self._hosts.items()):
            self._forget(hostname, host)
        if self._sleep is not None:
            self._sleep.cancel()
        tasks = tuple(self._tries)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _add(self, hostname: str, member: str) -> None:
        if self._counts[member] >= MOST_NAMES:
            if member not in self._full:
                self._full.add(member)
                what = "member %s has more than %d host names of load balancers: the others are not resolved"
                _log.warning(what, member, MOST_NAMES)
            return
        self._counts[member] += 1
        host = Host(member, lookups_of(hostname), asyncio.get_running_loop().create_future())
        self._hosts[hostname] = host
        for lookup in host.lookups:
            self._turns.add(member, lookup, new=True)
        if not host.lookups:
            host.first.set_result(None)
            self._complain(hostname, "it is no DNS name")

    def _forget(self, hostname: str, host: Host) -> None:
        del self._hosts[hostname]
        self._counts[host.owner] -= 1
        self._failing.discard(hostname)
        host.first.cancel()
        for lookup in host.lookups:
            self._turns.remove(host.owner, lookup)
            if lookup.timer is not None:
                lookup.timer.cancel()

    def _pump(self) -> None:
        """Ask for as many as may be asked for now."""
        while self._turns and self._handlers and len(self._tries) < MOST_IN_FLIGHT and self._sleep is None:
            now, loop = self._clock(), asyncio.get_running_loop()
            if not self._budget.take(now):
                self._sleep = loop.call_later(max(self._budget.wait(now), _SHORTEST_SLEEP), self._wake)
                return
            task = loop.create_task(self._try(self._turns.take()))
            self._tries.add(task)
            task.add_done_callback(self._tried)

    def _wake(self) -> None:
        self._sleep = None
        self._pump()

    def _tried(self, task: asyncio.Task[None]) -> None:
        self._tries.discard(task)
        if not task.cancelled():
            self._pump()

    async def _try(self, lookup: Lookup) -> None:
        """Ask once, and take in what comes of it, if it is wanted still."""
        lookup.timer = None
        result, why = await self._result(lookup)
        what = "failed" if result is None else "found" if result.addresses else "none"
        self._lookups.add(self._federation, what)
        host = self._hosts.get(lookup.hostname)
        if host is None or lookup not in host.lookups:
            return
        lookup.take(result)
        lookup.timer = asyncio.get_running_loop().call_later(lookup.pause(self._chance()), self._due, host, lookup)
        if result is None:
            self._complain(lookup.hostname, f"{type_text(lookup.query.qtype)}: {why}")
        elif not any(one.failures for one in host.lookups):
            self._praise(lookup.hostname)
        self._look_at(host)

    async def _result(self, lookup: Lookup) -> tuple[Found | None, str]:
        """Return what is found, and why there is nothing."""
        query = lookup.query
        request = request_of_ours(query, ROOT, self._clock())
        try:
            async with asyncio.timeout(TRY_SECONDS):
                reply = await self._reply(request)
        except TimeoutError:
            return None, f"no answer in {TRY_SECONDS:g} s"
        except Exception as error:  # a handler's; the name is tried again all the same
            return None, f"{type(error).__name__}: {' '.join(str(error).split())}"
        return found(reply, query.qname, query.qtype), reply.failure or _why(reply.rcode)

    async def _reply(self, request: Request) -> Reply:
        """Return what the newest of those says who resolve such names."""
        reply = REFUSED
        for handler in tuple(self._handlers):
            reply = await handler(request)
            if reply.rcode != Rcode.REFUSED:
                break
        return reply

    def _due(self, host: Host, lookup: Lookup) -> None:
        lookup.timer = None
        self._turns.add(host.owner, lookup, new=not lookup.tried)
        self._pump()

    def _look_at(self, host: Host) -> None:
        """Tell what is new of a host name, then those who wait for its first try."""
        news = host.news()
        if news is not None:
            host.told = news
            self._tell((news,))
        if host.tried and not host.first.done():
            host.first.set_result(None)

    def _tell(self, batch: Sequence[Resolved]) -> None:
        for sink in tuple(self._sinks):
            sink(batch)

    def _complain(self, hostname: str, why: str) -> None:
        if hostname not in self._failing and len(self._failing) < _MOST_SAID:
            self._failing.add(hostname)
            _log.warning("host name %s of a load balancer does not resolve: %s", hostname, why)

    def _praise(self, hostname: str) -> None:
        if hostname in self._failing:
            self._failing.discard(hostname)
            _log.info("host name %s of a load balancer resolves again", hostname)


def _why(rcode: int) -> str:
    if rcode == Rcode.REFUSED:
        return "REFUSED; it takes `forward`, or another plugin that resolves it, in the federation's server block"
    return rcode_text(rcode)
