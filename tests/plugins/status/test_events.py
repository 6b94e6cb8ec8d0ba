"""Those who watch: how many may, what it costs, and when it ends."""

import asyncio
import socket
import urllib.error
import urllib.request
from contextlib import aclosing

import pytest

from fedresolver.plugins.status.events import MOST_FEEDS, Feeds
from fedresolver.status.directory import Directory
from tests.support.clock import virtual_loop
from tests.support.deadline import eventually
from tests.support.status import FakeTold, cluster, served


class Watcher:
    """One who reads a feed in a loop of virtual time; `pieces` is what was sent so far."""

    def __init__(self, loop, feeds):
        self.pieces = []
        self.task = loop.create_task(self._read(feeds))

    async def _read(self, feeds):
        async with aclosing(feeds.flow()) as pieces:
            async for piece in pieces:
                self.pieces.append(piece)

    def events(self):
        """Return what the events that were sent are called."""
        lines = b"".join(self.pieces).decode().splitlines()
        return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]


@pytest.fixture
def told():
    return FakeTold(tuple(cluster(f"c{number}") for number in range(3)))


@pytest.fixture
def loop():
    with virtual_loop() as loop:
        yield loop


@pytest.fixture
def feeds(told, loop):
    directory = Directory()
    directory.federations.append(told)
    feeds = Feeds(directory)
    yield feeds
    loop.run_until_complete(feeds.stop())
    loop.advance(0)
    assert feeds.count == 0


def test_one_look_a_second_serves_all(told, loop, feeds):
    watchers = []
    for _ in range(MOST_FEEDS):
        watchers.append(Watcher(loop, feeds))
        loop.advance(0.01)  # each comes at another time
    told.looks = 0
    loop.advance(10)
    assert 10 <= told.looks <= 11
    assert {tuple(one.events()) for one in watchers} == {("clusters",)}


def test_nobody_is_looked_at_when_nobody_watches(told, loop, feeds):
    watcher = Watcher(loop, feeds)
    loop.advance(3)
    watcher.task.cancel()
    loop.advance(1)
    told.looks = 0
    loop.advance(10)
    assert (told.looks, feeds.count) == (0, 0)


def test_news_come_with_the_next_look(told, loop, feeds):
    told.change(0.0, "c1", "not listed", "synced")
    watcher = Watcher(loop, feeds)
    loop.advance(5.5)
    assert watcher.events() == ["transition", "clusters"]
    told.change(5.0, "c1", "3 of 3 ready", "0 of 3 ready", "shop/cart")
    loop.advance(1)
    assert watcher.events() == ["transition", "clusters", "clusters", "transition"]
    assert b"0 of 3 ready" in watcher.pieces[-1]


def test_that_time_passes_is_no_news(told, loop, feeds):
    watcher = Watcher(loop, feeds)
    loop.advance(2.5)
    told.members = tuple(cluster(f"c{number}", age=99.5, heard=1e-7) for number in range(3))
    loop.advance(2)
    assert watcher.events() == ["clusters"]
    told.members = tuple(cluster(f"c{number}", "Stale", heard=31.0) for number in range(3))
    loop.advance(2)
    assert watcher.events() == ["clusters", "clusters"]


def test_a_line_is_sent_when_nothing_changes(loop, feeds):
    watcher = Watcher(loop, feeds)
    loop.advance(60)
    assert 3 <= watcher.pieces.count(b": still here\n\n") <= 4


def test_the_end_of_a_configuration_ends_its_feeds_at_once(loop, feeds):
    watcher = Watcher(loop, feeds)
    loop.advance(0.5)
    loop.run_until_complete(feeds.stop())
    loop.advance(0)
    assert (watcher.task.done(), feeds.count, loop.time()) == (True, 0, 0.5)


def test_who_comes_when_the_last_place_was_just_taken_gets_nothing(told, loop):
    directory = Directory()
    directory.federations.append(told)
    feeds = Feeds(directory, 1)
    watchers = [Watcher(loop, feeds), Watcher(loop, feeds)]
    loop.advance(1)
    assert [one.task.done() for one in watchers] == [False, True]
    assert watchers[1].pieces == []
    loop.run_until_complete(feeds.stop())
    loop.run_until_complete(asyncio.gather(*(one.task for one in watchers)))


def watch(address, method="GET"):
    """Return a connection on which events are awaited."""
    connection = socket.create_connection(address, timeout=10)
    connection.sendall(f"{method} /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return connection


def read_all(connection):
    """Return what is sent on a connection until it ends."""
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def test_one_too_many_is_told_so_and_a_client_that_has_gone_makes_room(told):
    with served(told, 2) as status:
        first, second = watch(status.address), watch(status.address)
        eventually(lambda: status.feeds.count == 2)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{status.url}v1/events", timeout=10)
        with refused.value as answer:
            assert (answer.code, answer.read().decode().count("\n")) == (503, 1)
        first.close()
        eventually(lambda: status.feeds.count == 1)
        third = watch(status.address)
        assert third.recv(100).startswith(b"HTTP/1.1 200 ")
        for one in (second, third):
            one.close()
        eventually(lambda: status.feeds.count == 0)


def test_a_head_takes_no_place(told):
    with served(told, 1) as status, watch(status.address, "HEAD") as connection:
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")
        assert status.feeds.count == 0


def test_a_feed_that_ends_is_a_whole_answer(told):
    with served(told) as status, watch(status.address) as connection:
        eventually(lambda: status.feeds.count == 1)
        status.loop.run(status.feeds.stop())
        assert read_all(connection).endswith(b"\r\n0\r\n\r\n")


def test_closing_the_pages_does_not_wait_for_those_who_watch(told):
    with served(told) as status, watch(status.address):
        eventually(lambda: status.feeds.count == 1)
        status.loop.run(status.close())
        assert status.feeds.count == 0
