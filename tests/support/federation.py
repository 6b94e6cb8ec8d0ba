"""The federation plugin from Corefile text, with members that a test tells, behind a resolver, in virtual time."""

import asyncio
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import dns.message

from fedresolver.authority.zones import Zones
from fedresolver.chain.handler import Client, Wrap, link
from fedresolver.chain.plugin import Plugin, Unit
from fedresolver.chain.setup import Setup, Shared
from fedresolver.model.event import Event, Sink
from fedresolver.observe.metrics import Metrics
from fedresolver.plugins import set_up
from fedresolver.server.hot import Hot
from fedresolver.server.pending import Pending
from fedresolver.server.resolve import Resolver
from fedresolver.server.router import Block, Router
from fedresolver.server.table import Table
from fedresolver.status.directory import Directory, Told
from fedresolver.wire.name import ROOT, from_text
from fedresolver.wire.query import Edns, Query
from fedresolver.wire.response import TCP_SIZE, UDP_SIZE, udp_limit
from tests.support.clock import VirtualLoop, virtual_loop
from tests.support.elsewhere import Elsewhere
from tests.support.setup import FakeProcess, stanzas

T = TypeVar("T")
EPOCH = 1000
"""What the wall clock says when the virtual one says 0."""
HERE = Path(__file__)


class Source:
    """Members that a test tells; stands for a folder of manifests."""

    def __init__(self) -> None:
        self._told: list[Event] = []
        self._sinks: list[Sink] = []

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        assert self._sinks == [], "somebody still listens"

    def recall_with(self, recall: object) -> None:
        pass

    def subscribe(self, sink: Sink) -> None:
        self._sinks.append(sink)
        sink(tuple(self._told))

    def unsubscribe(self, sink: Sink) -> None:
        self._sinks.remove(sink)

    def tell(self, events: Sequence[Event]) -> None:
        self._told += events
        for sink in self._sinks:
            sink(tuple(events))


class Clusters(Source):
    """Members that a test tells; stands for API servers, each of which is heard unless it is `silent` since a time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self.silent: dict[str, float] = {}
        self.pinged: list[str] = []

    def heard(self) -> dict[str, float]:
        now = self._clock()
        return {event.member: self.silent.get(event.member, now) for event in self._told}

    contacts = heard

    def ping(self, names: Sequence[str]) -> None:
        self.pinged += names

    def refresh_metrics(self) -> None:
        pass


class Listener:
    """Stands for a listener of one transport: a table of answers before a resolver."""

    def __init__(self, resolver: Resolver, transport: str = "udp") -> None:
        self.hot = Table[Hot]()
        self._resolver = resolver
        self._transport = transport

    encrypted = False

    def options(self, query: Query) -> bytes:
        return b""

    def limit(self, edns: Edns | None, udp_size: int = UDP_SIZE) -> int:
        return udp_limit(edns, udp_size) if self._transport == "udp" else TCP_SIZE

    def client(self, peer: object) -> Client:
        return Client("192.0.2.7", 4711, self._transport, "192.0.2.53", 53)

    def ask(self, message: bytes) -> bytes | Pending:
        """Return the response, of the table if that has one, as the listeners do, or what will give it."""
        hot = self.hot.get(message[2:])
        if hot is not None and hot.cell[0]:
            return hot.again(message)
        return self._resolver.resolve(message, self, None)


class Federations:
    """The federations of a Corefile at work; time stands still until `advance`."""

    def __init__(self, loop: VirtualLoop, corefile: str, said: Sequence[Event], before: tuple[Wrap, ...]) -> None:
        self.loop = loop
        self.wall_step = 0.0
        self.clusters = Clusters(loop.time)
        self.source = self.clusters if "in_cluster" in corefile else Source()
        self.metrics = Metrics()
        self._before = before
        self._units: dict[Hashable, Unit] = {("manifests", f"{HERE.parent}/."): self.source}
        self._build(corefile)
        self._panics = self.metrics.counter("fedresolver_panics_total", "")
        self.source.tell(said)
        for unit in self.plugin.units:
            loop.run_until_complete(unit.start())

    def _build(self, corefile: str) -> None:
        """Set up a configuration, with a chain that ends at others who have nothing to say yet."""
        self.elsewhere = Elsewhere()
        self.common = Shared()
        self.plugin = self._set_up(corefile)
        self._handler = link((*self._before, *filter(None, (self.plugin.wrap,))), self.elsewhere)

    def reload(self, corefile: str) -> None:
        """Go over to another configuration as a server does, with the units that live on; it has its own chain."""
        former = self.plugin.units
        self._build(corefile)
        for unit in self.plugin.units:
            if unit not in former:
                self.loop.run_until_complete(unit.start())
        for unit in reversed(former):
            if unit not in self.plugin.units:
                self.loop.run_until_complete(unit.stop())

    def _set_up(self, corefile: str) -> Plugin:
        given = stanzas(corefile, str(HERE))

        def keep(key: Hashable, make: Callable[[], Unit]) -> Unit:
            if isinstance(key, tuple) and key[0] == "clusters":
                return self.clusters
            if key not in self._units:
                self._units[key] = make()
            return self._units[key]

        setup = Setup(
            stanzas=given,
            zones=(ROOT,),
            server="dns://:53",
            process=FakeProcess(),
            metrics=self.metrics,
            environ={},
            clock=self.loop.time,
            wall=lambda: EPOCH + self.wall_step + self.loop.time(),
            keep=keep,
            common=self.common,
        )
        self.zones = setup.shared.part(Zones)
        return set_up("federation")(setup)

    @property
    def told(self) -> Told:
        """What the federations tell of themselves."""
        (told,) = self.common.part(Directory).federations
        return told

    @property
    def panics(self) -> float:
        """How many exceptions left a handler."""
        return self._panics.value()

    def resolver(self, zone: str = ".") -> Resolver:
        """Return a resolver that knows nothing yet."""
        block = Block(self._handler)
        return Resolver(Router({from_text(zone): block}), self.loop.time, self._panics)

    def tell(self, events: Sequence[Event]) -> None:
        """Let the members say something."""
        self.run(lambda: self.source.tell(events))

    def ask(self, listener: Listener, query: dns.message.Message) -> dns.message.Message:
        """Return the answer as dnspython reads it, which refuses octets that are left over."""
        octets = self.octets(listener, query.to_wire())
        found = dns.message.from_wire(octets, raise_on_truncation=False)
        assert query.is_response(found)
        return found

    def octets(self, listener: Listener, message: bytes) -> bytes:
        """Return the response; if it has to wait, time moves on so far."""
        return self.loop.run_until_complete(self._response(listener, message))

    async def _response(self, listener: Listener, message: bytes) -> bytes:
        response = listener.ask(message)
        if not isinstance(response, Pending):
            return response
        sent = self.loop.create_future()
        response.start(lambda _, octets: sent.set_result(octets))
        return await sent

    def run(self, call: Callable[[], T]) -> T:
        """Return the result of a call that is made in the loop."""

        async def work() -> T:
            return call()

        return self.loop.run_until_complete(work())

    def stop(self) -> None:
        for unit in reversed(self.plugin.units):
            self.loop.run_until_complete(unit.stop())
        assert not asyncio.all_tasks(self.loop)


@contextmanager
def federations(corefile: str, said: Sequence[Event] = (), *before: Wrap) -> Iterator[Federations]:
    """Give the federations of a Corefile, in whose `federation` blocks `manifests .` stands for what a test tells.

    With `in_cluster NAME` the members that it tells are API servers.

    The links `before` stand before them in the chain.
    """
    with virtual_loop() as loop:
        running = Federations(loop, corefile, said, before)
        try:
            yield running
        finally:
            running.stop()
