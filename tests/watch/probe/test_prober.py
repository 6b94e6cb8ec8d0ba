"""Real connections on the loopback: what is told, and what is left when it ends."""

import asyncio
import socket
import time
from contextlib import contextmanager

import pytest

from fedresolver.model.event import Doubted
from fedresolver.model.member import Phase
from fedresolver.model.round import LOST_SECONDS
from fedresolver.model.service import service_key
from fedresolver.observe.metrics import Metrics
from fedresolver.watch.probe.connect import accepts
from fedresolver.watch.probe.prober import Prober
from tests.support.deadline import eventually
from tests.support.loop import looping

CART = service_key("shop", "cart")


class Door:
    """A TCP port of the loopback that accepts, refuses, or says nothing."""

    def __init__(self, host="127.0.0.1", port=0, family=socket.AF_INET):
        self.address = socket.inet_pton(family, host)
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.bind((host, port))
        self.port = self.socket.getsockname()[1]
        self.greeters = []

    def open(self):
        """Accept from now on."""
        self.socket.listen(64)
        return self

    def fill(self):
        """Accept nothing and refuse nothing: the kernel drops what comes once the backlog is full."""
        self.socket.listen(0)
        for _ in range(4):
            greeter = socket.socket(self.socket.family, socket.SOCK_STREAM)
            greeter.setblocking(False)
            greeter.connect_ex(self.socket.getsockname())
            self.greeters.append(greeter)
        return self

    def close(self):
        """Refuse from now on: the port stays ours, so nobody else can come to listen there."""
        host, port = self.socket.getsockname()[:2]
        self.end()
        self.socket = socket.socket(self.socket.family, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((host, port))

    def end(self):
        for each in (self.socket, *self.greeters):
            each.close()


@pytest.fixture
def door():
    """Give a maker of doors."""
    made = []

    def make(*args, **options):
        made.append(Door(*args, **options))
        return made[-1]

    yield make
    for each in made:
        each.end()


class Bench:
    """A prober that runs, with what it told."""

    def __init__(self, loop):
        self.loop = loop
        self.told = []
        self.witness = True
        self.asked = []
        self.metrics = Metrics()
        self.skipped = 0.0
        self.prober = Prober("shop", self._clock, self.metrics)
        self.prober.attach(self.told.extend, self._is_witness)

    def _clock(self):
        return time.monotonic() + self.skipped

    def _is_witness(self, member):
        self.asked.append(member)
        return self.witness

    def learn(self, *doors, ports=None):
        addresses = tuple(door.address for door in doors)
        self.loop.call(self.prober.learn, "c1", CART, addresses, ports or tuple({door.port for door in doors}))

    def phase(self, phase):
        self.loop.call(self.prober.phase, "c1", phase)

    def lose(self):
        """Let the member be lost, at a time when its shards are due again."""
        self.skipped += LOST_SECONDS
        self.phase(Phase.STALE)

    def count(self, result):
        return self.metrics.counter("fedresolver_federation_probes_total", "", ("federation", "result")).value(
            "shop", result
        )

    def counted(self, result, number):
        """Wait until so many connections ended in this way, and their tries are over."""
        eventually(lambda: self.count(result) >= number and self.loop.call(lambda: len(asyncio.all_tasks())) == 2)


@contextmanager
def probing():
    with looping() as loop:
        bench = Bench(loop)
        loop.run(bench.prober.start())
        try:
            yield bench
        finally:
            loop.run(bench.prober.stop())


@pytest.fixture
def bench():
    with probing() as bench:
        bench.phase(Phase.SYNCED)
        yield bench


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        pytest.param(lambda door: door().open(), True, id="one that listens"),
        pytest.param(lambda door: door("::1", family=socket.AF_INET6).open(), True, id="one that listens, IPv6"),
        pytest.param(lambda door: door(), False, id="one that is closed"),
        pytest.param(lambda door: door().fill(), False, id="one that never accepts"),
    ],
)
def test_connections(make, expected, door):
    target = make(door)
    assert asyncio.run(accepts(target.address, target.port, seconds=0.2)) is expected


def test_without_a_socket_nothing_is_known(door):
    target = door().open()
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def work():
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            return await accepts(target.address, target.port)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert asyncio.run(work()) is None


def test_a_connection_is_closed_without_a_word(door, bench):
    target = door().open()
    bench.learn(target)
    connection, _ = target.socket.accept()
    with connection:
        connection.settimeout(10)
        assert connection.recv(1) == b""


def test_a_shard_that_ceases_to_accept_is_doubted_and_trusted_when_it_accepts_again(door, bench):
    target = door().open()
    bench.learn(target)
    bench.counted("accepted", 1)
    target.close()
    bench.lose()
    eventually(lambda: bench.told == [Doubted("c1", CART, True)])
    target.socket.listen(64)
    bench.lose()
    eventually(lambda: bench.told[1:] == [Doubted("c1", CART, False)])
    assert bench.asked == ["c1"]


def test_a_shard_that_says_nothing_any_more_is_doubted(door, bench):
    target = door().open()
    bench.learn(target)
    bench.counted("accepted", 1)
    target.close()
    target.fill()
    bench.lose()
    eventually(lambda: bench.told == [Doubted("c1", CART, True)])


def test_one_address_that_accepts_is_enough(door, bench):
    target = door("127.0.0.2").open()
    closed, silent = door("127.0.0.3", target.port), door("127.0.0.4", target.port).fill()
    bench.learn(closed, silent, target)
    bench.counted("accepted", 1)
    bench.lose()
    bench.counted("accepted", 2)
    assert bench.told == []


def test_one_port_that_accepts_is_enough(door, bench):
    target, closed = door().open(), door()
    bench.learn(target, ports=(closed.port, target.port))
    bench.counted("accepted", 1)
    bench.lose()
    bench.counted("accepted", 2)
    assert bench.told == []


def test_no_witness_no_doubt(door, bench):
    target = door().open()
    bench.witness = False
    bench.learn(target)
    bench.counted("accepted", 1)
    target.close()
    bench.lose()
    eventually(lambda: bench.asked)
    assert bench.told == []


def test_a_witness_that_is_heard_a_moment_later_is_one_for_the_same_try(door, bench):
    target = door().open()
    bench.witness = False
    bench.learn(target)
    bench.counted("accepted", 1)
    target.close()
    bench.lose()
    eventually(lambda: bench.asked)
    bench.witness = True
    eventually(lambda: bench.told)
    assert (bench.told, bench.count("refused")) == ([Doubted("c1", CART, True)], 1)


def test_a_shard_that_refused_is_not_doubted(door, bench):
    bench.learn(door())
    bench.counted("refused", 1)
    bench.lose()
    other = door("127.0.0.2").open()
    bench.loop.call(bench.prober.phase, "c2", Phase.SYNCED)
    bench.loop.call(bench.prober.learn, "c2", CART, (other.address,), (other.port,))
    bench.counted("accepted", 1)
    assert (bench.told, bench.count("refused")) == ([], 1)


def test_the_end_breaks_off_what_is_being_tried(door):
    target = door().fill()
    with probing() as bench:
        bench.phase(Phase.SYNCED)
        bench.learn(target)
        eventually(lambda: bench.loop.call(lambda: len(asyncio.all_tasks())) > 2)
    assert bench.count("refused") == 0


def test_nothing_wakes_up_while_nothing_is_due(bench):
    def timers():
        return [handle for handle in asyncio.get_running_loop()._scheduled if not handle.cancelled()]

    assert bench.loop.call(timers) == []
