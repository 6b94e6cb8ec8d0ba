"""Tries load balancers when they are due, and tells which shards are doubtful by that.

Theory of operation. One task asks the schedule what is due, and sleeps until something is: for ever, if nothing will
be. Each try is a task of its own. It connects to the targets of its shard in turn, to the next one when the last was
refused or says nothing for a moment, until one accepts. Every connection has its slot in the schedule's rate.
"""

import asyncio
from collections.abc import Callable

from fedresolver.model.doubt import Door
from fedresolver.model.doubts import Doubts
from fedresolver.model.event import Doubted, Sink
from fedresolver.model.member import Phase
from fedresolver.model.service import ServiceKey
from fedresolver.observe.metrics import Metrics
from fedresolver.watch.probe.connect import accepts

PATIENCE = 0.25
"""Seconds without a word from a target after which the next one is tried beside it, as in RFC 8305 5."""
WITNESS_PATIENCE = 2.0
"""Seconds for which a refusal waits for a witness: without one it shows nothing until the next try."""
_WITNESS_STEP = 0.1
_SHORTEST_SLEEP = 0.001
_RESULTS = {True: "accepted", False: "refused"}


class Prober:
    """The unit that probes a federation's shards; it outlives a reload, for what it knows takes an hour to learn.

    `clock` is monotonic, in seconds.
    """

    def __init__(self, federation: str, clock: Callable[[], float], metrics: Metrics) -> None:
        self._federation = federation
        self._listeners: list[tuple[Sink, Callable[[str], bool]]] = []
        self._clock = clock
        self._probes = metrics.counter(
            "fedresolver_federation_probes_total",
            "Connections to load balancers, by how they ended.",
            ("federation", "result"),
        )
        self._doubts = Doubts()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._tries: set[asyncio.Task[None]] = set()

    def attach(self, sink: Sink, witness: Callable[[str], bool]) -> None:
        """Tell `sink` which shards are doubtful, and from now on what changes.

        `witness(member)` says whether somebody is heard now while this member is not.
        """
        self._listeners.append((sink, witness))
        doubted = self._doubts.doubted()
        if doubted:
            sink(doubted)

    def detach(self, sink: Sink) -> None:
        """Tell `sink` nothing more."""
        self._listeners = [one for one in self._listeners if one[0] != sink]

    def learn(self, member: str, key: ServiceKey, addresses: tuple[bytes, ...], tcp_ports: tuple[int, ...]) -> None:
        """Take in where a shard can be reached from outside; without an address or a port it is not probed."""
        self._tell(self._doubts.learn(member, key, addresses, tcp_ports))
        self._changed.set()

    def forget(self, member: str, key: ServiceKey) -> None:
        """Probe a shard no more."""
        self._tell(self._doubts.forget(member, key))

    def leave(self, member: str) -> None:
        """Probe a member no more."""
        self._doubts.leave(member)

    def phase(self, member: str, phase: Phase) -> None:
        """Take note of a member's phase; when it is synced again its shards are trusted, without a word to the sink."""
        self._doubts.phase(member, phase)
        self._changed.set()

    async def start(self) -> None:
        """Begin to probe."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Probe no more, and break off what is being tried."""
        tasks = [*self._tries, *([self._task] if self._task is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            while (door := self._doubts.due(self._clock())) is not None:
                task = loop.create_task(self._try(door))
                self._tries.add(task)
                task.add_done_callback(self._tries.discard)
            await self._sleep(self._doubts.next_at() - self._clock())

    async def _sleep(self, seconds: float) -> None:
        """Sleep for so long, or until something changes."""
        try:
            async with asyncio.timeout(None if seconds == float("inf") else max(seconds, _SHORTEST_SLEEP)):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def _try(self, door: Door) -> None:
        accepted = await self._any_accepts(door)
        witness = accepted is False and self._doubts.is_lost(door.member) and await self._has_witness(door.member)
        self._tell(self._doubts.tried(door, accepted, self._clock(), witness=witness))
        self._changed.set()

    async def _has_witness(self, member: str) -> bool:
        """Say whether somebody else is heard; they are asked when a member is lost, and need a moment to answer."""
        until = self._clock() + WITNESS_PATIENCE
        while not any(witness(member) for _, witness in self._listeners):
            if self._clock() >= until:
                return False
            await asyncio.sleep(_WITNESS_STEP)
        return True

    async def _any_accepts(self, door: Door) -> bool | None:
        """Say whether a target accepts; None when that is not known of all of them."""
        loop = asyncio.get_running_loop()
        pending: set[asyncio.Task[bool | None]] = set()
        results: set[bool | None] = set()
        try:
            for number, (address, port) in enumerate(door.targets()):
                if number:
                    await asyncio.sleep(self._doubts.reserve(self._clock()) - self._clock())
                pending.add(loop.create_task(self._connect(address, port)))
                done, pending = await asyncio.wait(pending, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
                results |= {task.result() for task in done}
                if True in results:
                    return True
            while pending and True not in results:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                results |= {task.result() for task in done}
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        return True if True in results else None if None in results else False

    async def _connect(self, address: bytes, port: int) -> bool | None:
        accepted = await accepts(address, port)
        if accepted is not None:
            self._probes.add(self._federation, _RESULTS[accepted])
        return accepted

    def _tell(self, doubted: Doubted | None) -> None:
        if doubted is not None:
            for sink, _ in tuple(self._listeners):
                sink((doubted,))
