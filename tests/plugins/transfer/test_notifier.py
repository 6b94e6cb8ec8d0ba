"""Whom the notifier tells of new versions, and how often, in virtual time."""

import asyncio
from contextlib import contextmanager

import pytest

from fedresolver.authority.versions import Versions
from fedresolver.authority.zones import Zones
from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.transfer.handler import Answering
from fedresolver.plugins.transfer.metrics import TransferMetrics
from fedresolver.plugins.transfer.notifier import SETTLE, WAITS, Notifier, Told
from fedresolver.plugins.transfer.settings import EVERYBODY, Grant, Settings, by_zone
from fedresolver.plugins.transfer.stream import Streams
from fedresolver.server.seldom import Seldom
from fedresolver.wire.const import Rcode
from fedresolver.wire.name import ROOT
from tests.support.clock import virtual_loop
from tests.support.versions import APEX, version

HOSTS = (("192.0.2.1", 53), ("2001:db8::1", 5353))


class Sending:
    """A network in which targets answer with what a test writes: an rcode after some seconds, or nothing."""

    def __init__(self, loop):
        self.loop = loop
        self.sent = []
        self.answers = {}

    async def send(self, message, target, seconds):
        serial = int.from_bytes(message[-20:-16])
        self.sent.append((self.loop.time(), str(target), serial))
        rcode, delay = self.answers.get(str(target), (Rcode.NOERROR, 0.01))
        if rcode is None:
            await asyncio.sleep(seconds)
            return "no answer"
        await asyncio.sleep(delay)
        return int(rcode)


class World:
    """A zone, a notifier that follows it, and the network."""

    def __init__(self, loop, hosts=HOSTS, contested=False):
        self.loop = loop
        self.versions = Versions()
        self.zones = Zones()
        self.zones.files[APEX] = self.versions
        if contested:
            self.zones.federated[APEX] = Versions()
        self.sending = Sending(loop)
        self.metrics = Metrics().part(TransferMetrics)
        self.told = Told()
        self.hosts = hosts
        self.notifier = self.make()

    def make(self):
        seldom = [Seldom(self.loop.time) for _ in range(3)]
        grant = Grant(EVERYBODY, self.hosts)
        answering = Answering(
            "dns://:53",
            self.zones,
            by_zone((Settings((ROOT,), (grant,)),)),
            Streams(),
            seldom[0],
            seldom[1],
            self.metrics,
        )
        return Notifier(answering, self.told, self.sending, seldom[2])

    def take(self, serial, lines=()):
        async def work():
            self.versions.take(None if serial is None else version(serial, lines))

        self.loop.run_until_complete(work())

    def start(self, notifier=None):
        self.loop.run_until_complete((notifier or self.notifier).start())

    def stop(self, notifier=None):
        self.loop.run_until_complete((notifier or self.notifier).stop())

    def counted(self):
        return {(labels[2], labels[3]): int(value) for labels, value in self.metrics.notifies.values.items()}

    def said(self):
        """Return who was told of which serial since the last call."""
        sent, self.sending.sent = self.sending.sent, []
        return [(who, serial) for _, who, serial in sent]


@contextmanager
def world(**more):
    with virtual_loop() as loop:
        found = World(loop, **more)
        yield found
        found.stop()


FIRST, SECOND = "192.0.2.1:53", "[2001:db8::1]:5353"


def test_all_hosts_are_told_at_the_start_and_of_each_change():
    with world() as found:
        found.take(4)
        found.start()
        found.loop.advance(SETTLE / 2)
        assert found.said() == []
        found.loop.advance(SETTLE)
        assert found.said() == [(FIRST, 4), (SECOND, 4)]
        found.take(5)
        found.loop.advance(0.1)
        assert found.said() == [(FIRST, 5), (SECOND, 5)]
        found.loop.advance(1000)
        assert found.said() == []
        assert found.counted() == {(FIRST, "answered"): 2, (SECOND, "answered"): 2}


def test_a_zone_that_comes_later_is_told_when_it_comes():
    with world() as found:
        found.start()
        found.loop.advance(100)
        assert found.said() == []
        found.take(4)
        found.loop.advance(0.1)
        assert found.said() == [(FIRST, 4), (SECOND, 4)]


def test_who_does_not_answer_is_told_again_ever_later_and_then_no_more(caplog):
    with world(hosts=HOSTS[:1]) as found:
        found.sending.answers[FIRST] = (None, 0)
        found.take(4)
        found.start()
        found.loop.advance(1000)
        times = [moment - SETTLE for moment, _, _ in found.sending.sent]
        assert times == [sum(WAITS[:number]) for number in range(len(WAITS))]
        assert found.counted() == {(FIRST, "unanswered"): 1}
        assert [record.getMessage() for record in caplog.records] == ["NOTIFY of z. to 192.0.2.1:53: no answer"]
        found.said()
        found.sending.answers.clear()
        found.take(5)
        found.loop.advance(0.1)
        assert found.said() == [(FIRST, 5)]


def test_a_change_while_somebody_is_told_is_told_once():
    with world(hosts=HOSTS[:1]) as found:
        found.take(4)
        found.start()
        found.sending.answers[FIRST] = (Rcode.NOERROR, 0.5)
        found.loop.advance(SETTLE + 0.1)
        for serial in (5, 6, 7):
            found.take(serial)
        found.loop.advance(10)
        assert found.said() == [(FIRST, 4), (FIRST, 7)]


def test_a_try_tells_of_the_newest_version():
    with world(hosts=HOSTS[:1]) as found:
        found.sending.answers[FIRST] = (None, 0)
        found.take(4)
        found.start()
        found.loop.advance(SETTLE + 0.5)
        found.take(5)
        found.loop.advance(1)
        assert found.said() == [(FIRST, 4), (FIRST, 5)]


@pytest.mark.parametrize("rcode", [Rcode.REFUSED, Rcode.NOTIMP, Rcode.NOTAUTH])
def test_any_answer_ends_the_telling(rcode, caplog):
    with world(hosts=HOSTS[:1]) as found:
        found.sending.answers[FIRST] = (rcode, 0.01)
        found.take(4)
        found.start()
        found.loop.advance(100)
        assert found.said() == [(FIRST, 4)]
        assert found.counted() == {(FIRST, "refused"): 1}
        assert [record.getMessage() for record in caplog.records] == [
            f"NOTIFY of z. to 192.0.2.1:53: it answers {rcode.name}"
        ]


def test_a_reload_tells_only_of_what_is_new():
    with world(hosts=HOSTS[:1]) as found:
        found.take(4)
        found.start()
        found.loop.advance(1)
        found.said()
        second = found.make()
        found.start(second)
        found.stop()
        found.loop.advance(1)
        assert found.said() == []
        found.take(5)
        found.loop.advance(1)
        assert found.said() == [(FIRST, 5)]
        found.notifier = second


def test_a_zone_that_expires_ends_the_telling():
    with world(hosts=HOSTS[:1]) as found:
        found.sending.answers[FIRST] = (None, 0)
        found.take(4)
        found.start()
        found.loop.advance(SETTLE + 0.5)
        found.take(None)
        found.loop.advance(100)
        assert found.said() == [(FIRST, 4)]


def test_a_stop_in_the_middle_leaves_nothing():
    with world() as found:
        found.sending.answers = {FIRST: (None, 0), SECOND: (None, 0)}
        found.take(4)
        found.start()
        found.loop.advance(SETTLE + 0.5)
    assert found.said() == [(FIRST, 4), (SECOND, 4)]


def test_a_zone_that_is_a_files_and_a_federations_is_told_of_to_nobody(caplog):
    with world(contested=True) as found:
        found.take(4)
        found.start()
        found.loop.advance(10)
        assert found.said() == []
        assert "z. is a zone file and a federation's domain: it is transferred to nobody" in caplog.text
