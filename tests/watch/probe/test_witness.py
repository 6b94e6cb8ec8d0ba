"""Witnesses on the loopback, and the times at which they are tried."""

import asyncio
import socket
from contextlib import contextmanager

import pytest

from fedresolver.watch.probe.witness import Witnesses
from tests.support.deadline import eventually
from tests.support.loop import looping


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock


@pytest.fixture
def closed():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock


@contextmanager
def watching(*hosts):
    with looping() as loop:

        async def make():
            witnesses = Witnesses(hosts, asyncio.get_running_loop().time)
            await witnesses.start()
            return witnesses

        witnesses = loop.run(make())
        witnesses.loop = loop
        try:
            yield witnesses
        finally:
            loop.run(witnesses.stop())


def want(witnesses, wanted=True):
    witnesses.loop.call(setattr, witnesses, "wanted", wanted)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_host_that_accepts_is_heard(host, listener):
    with watching((host, listener.getsockname()[1])) as witnesses:
        want(witnesses)
        assert eventually(lambda: witnesses.heard_at > 0)


def test_one_of_several_is_enough(listener, closed):
    with watching(closed.getsockname(), ("nowhere.invalid", 1), ("fe80::1%lo", 1), listener.getsockname()) as witnesses:
        want(witnesses)
        assert eventually(lambda: witnesses.heard_at > 0)


def test_a_host_that_is_not_wanted_is_not_tried(listener):
    listener.settimeout(0)
    with watching(listener.getsockname()) as witnesses:
        assert witnesses.loop.call(lambda: len(asyncio.all_tasks())) == 1
        assert witnesses.heard_at == float("-inf")
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_a_host_is_tried_until_it_is_not_wanted_any_more(listener):
    with watching(listener.getsockname()) as witnesses:
        want(witnesses)
        first = eventually(lambda: max(witnesses.heard_at, 0))
        second = eventually(lambda: witnesses.heard_at > first and witnesses.heard_at)
        assert second - first > 4.5
        want(witnesses, False)
        eventually(lambda: witnesses.loop.call(lambda: len(asyncio.all_tasks())) == 1)


def test_a_host_that_refuses_is_never_heard(closed, listener):
    with watching(closed.getsockname()) as witnesses, watching(listener.getsockname()) as others:
        want(witnesses)
        want(others)
        eventually(lambda: others.heard_at > 0)
        assert witnesses.heard_at == float("-inf")
