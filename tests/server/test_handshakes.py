"""Handshakes beside the event loop: in what order, what comes of them, and what is forgotten."""

import asyncio
import os
import ssl
import threading

import pytest

from fedresolver.server.handshakes import Handshakes


class FakeSeal:
    """One that opens when the test lets it, with its `result`."""

    def __init__(self, result=b"", begins=None, waits=None):
        self._result = result
        self._begins = begins or threading.Event()
        self._waits = waits or threading.Event()
        if waits is None:
            self._waits.set()
        self.fed = []
        self.niceness = None

    def opened(self, octets):
        self.fed.append(octets)
        self._begins.set()
        self._waits.wait()
        self.niceness = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


def ended(*jobs, before=lambda work: None):
    """Run jobs, `(client, seal, octets)`, and return what came of each, in the order in which they ended."""

    async def run():
        work, told = Handshakes(), asyncio.Queue()
        for client, seal, octets in jobs:
            work.go_on(client, seal, octets, lambda found, client=client: told.put_nowait((client, found)))
        forgotten = before(work) or 0
        try:
            return [await told.get() for _ in range(len(jobs) - forgotten)]
        finally:
            work.close()

    return asyncio.run(asyncio.wait_for(run(), 10))


def test_clients_have_their_turns_in_the_order_in_which_they_spoke():
    seals = [FakeSeal(bytes((number,))) for number in range(5)]
    jobs = [(number, seal, b"hello %d" % number) for number, seal in enumerate(seals)]
    assert ended(*jobs) == [(number, bytes((number,))) for number in range(5)]
    assert [seal.fed for seal in seals] == [[b"hello %d" % number] for number in range(5)]


def test_what_goes_wrong_is_told_and_the_next_has_its_turn():
    wrong, worse = ssl.SSLError("no TLS"), MemoryError("no memory")
    found = ended(("a", FakeSeal(wrong), b""), ("b", FakeSeal(worse), b""), ("c", FakeSeal(b"c"), b""))
    assert found == [("a", wrong), ("b", worse), ("c", b"c")]


def test_who_has_gone_is_left_out():
    begins, waits = threading.Event(), threading.Event()
    gone = FakeSeal()

    def forget(work):
        begins.wait()
        work.forget("gone")
        work.forget("nobody")
        waits.set()
        return 1

    found = ended(
        ("a", FakeSeal(b"a", begins, waits), b""), ("gone", gone, b""), ("c", FakeSeal(b"c"), b""), before=forget
    )
    assert (found, gone.fed) == ([("a", b"a"), ("c", b"c")], [])


def test_the_thread_stands_back_and_the_event_loop_does_not():
    seal = FakeSeal()
    ended(("a", seal, b""))
    assert seal.niceness > os.getpriority(os.PRIO_PROCESS, 0)


def test_what_ends_after_the_loop_harms_nobody():
    begins, waits = threading.Event(), threading.Event()
    threads = {*threading.enumerate()}

    async def run():
        work = Handshakes()
        work.go_on("a", FakeSeal(b"", begins, waits), b"", lambda found: None)
        begins.wait()
        work.close()

    asyncio.run(run())
    waits.set()
    for thread in {*threading.enumerate()} - threads:
        thread.join(10)
        assert not thread.is_alive()


def test_who_came_when_there_was_no_thread_to_be_had_leaves_nobody_waiting():
    async def run():
        work, told = Handshakes(), asyncio.Queue()
        usual = threading.stack_size(1 << 46)  # no machine has so much
        try:
            with pytest.raises(RuntimeError):
                work.go_on("a", FakeSeal(b"a"), b"", lambda found: None)
        finally:
            threading.stack_size(usual)
        work.go_on("b", FakeSeal(b"b"), b"", told.put_nowait)
        try:
            return await told.get()
        finally:
            work.close()

    assert asyncio.run(asyncio.wait_for(run(), 10)) == b"b"
