import asyncio
import logging
import os
from contextlib import contextmanager

import pytest

from fedresolver.plugins.hosts.file import LARGEST, SMALL, HostsFile, Wanted
from fedresolver.plugins.hosts.text import read
from fedresolver.wire.name import ROOT, from_text, to_text
from tests.support.clock import virtual_loop
from tests.support.setup import FakeProcess


def wanted(path, inline="", reload=5.0):
    return Wanted(str(path), frozenset((ROOT,)), read(inline, "").entries, ttl=60, reverse=False, reload=reload)


class Looked:
    """A file that is looked at while a test writes it."""

    def __init__(self, loop, path, inline="", reload=5.0):
        self.process = FakeProcess()
        self.path = path
        self.loop = loop
        self.file = HostsFile(wanted(path, inline, reload), self.process, lambda: 1000 + loop.time())
        self._writes = 0

    def write(self, text):
        """Write the file, with an mtime that tells it from the one before whatever the clock's steps are."""
        self._writes += 1
        self.path.write_text(text)
        os.utime(self.path, (self._writes, self._writes))

    def names(self, seconds=5.0):
        """Let time pass, and return the names that there are."""
        self.loop.advance(seconds)
        return [to_text(name) for name in self.file.table.records]


@contextmanager
def looked(path, text=None, inline="", reload=5.0):
    with virtual_loop() as loop:
        at = Looked(loop, path, inline, reload)
        if text is not None:
            at.write(text)
        loop.run_until_complete(at.file.start())
        yield at
        loop.run_until_complete(at.file.stop())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "hosts"


def warnings(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_it_is_read_at_the_start(path):
    with looked(path, "192.0.2.1 a") as at:
        assert at.names(0) == ["a."]
        assert at.file.read_at == 1000


def test_a_change_is_seen_at_the_next_look(path):
    with looked(path, "192.0.2.1 a") as at:
        at.write("192.0.2.1 b")
        assert at.names(4.9) == ["a."]
        assert at.names(0.2) == ["b."]
        assert at.file.read_at == 1005


def test_a_change_ends_the_answers(path):
    with looked(path, "192.0.2.1 a") as at:
        before = at.file.table
        at.names()
        assert at.file.table is before
        assert before.cell == [True]
        at.write("192.0.2.2 a")
        at.names()
        assert before.cell == [False]
        assert at.file.table.cell == [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("192.0.2.1 a\n192.0.2.1 b", 1, id="a new name may have been another's"),
        pytest.param("192.0.2.2 a", 0, id="other addresses are ours alone"),
        pytest.param("", 0, id="a name that goes was ours alone"),
    ],
)
def test_answers_of_others_end_when_there_is_a_new_name(path, text, expected):
    with looked(path, "192.0.2.1 a") as at:
        before = at.process.forgotten
        at.write(text)
        at.names()
        assert at.process.forgotten - before == expected


def test_a_file_that_vanishes_keeps_its_names_and_one_that_comes_is_read(path, caplog):
    with looked(path, "192.0.2.1 a") as at:
        path.unlink()
        assert at.names() == ["a."]
        assert at.names() == ["a."]
        at.write("192.0.2.1 b")
        assert at.names() == ["b."]
    assert warnings(caplog) == [f"{path} is away, its last content stays"]


def test_a_file_that_is_not_there_at_the_start(path, caplog):
    with looked(path, inline="192.0.2.9 i") as at:
        assert at.names() == ["i."]
        at.write("192.0.2.1 a")
        assert at.names() == ["a.", "i."]
    assert warnings(caplog) == []


def test_lines_of_the_corefile_are_added_to_those_of_the_file(path):
    with looked(path, "192.0.2.1 a", inline="192.0.2.2 a") as at:
        (rrset,) = at.file.table.records[from_text("a")]
        assert rrset.rdatas == (b"\xc0\0\2\1", b"\xc0\0\2\2")


def test_one_that_cannot_be_read_keeps_its_names_and_is_told_once(path, caplog):
    with looked(path, "192.0.2.1 a") as at:
        path.unlink()
        path.mkdir()
        assert at.names() == ["a."]
        assert at.names() == ["a."]
        path.rmdir()
        at.write("192.0.2.1 b")
        assert at.names() == ["b."]
    assert warnings(caplog) == [f"{path} cannot be read, its last content stays: Is a directory"]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        pytest.param("192.0.2.1 a\nbad", "{}:2: `bad` is no IP address; the line is left out", id="one"),
        pytest.param(
            "bad\n192.0.2.1 a\nbad\n1",
            "{}:1: `bad` is no IP address; the line is left out, and so are 2 others",
            id="several",
        ),
    ],
)
def test_wrong_lines_are_told_once(path, caplog, text, warning):
    with looked(path, text) as at:
        assert at.names() == ["a."]
        assert at.names() == ["a."]
    assert warnings(caplog) == [warning.format(path)]


def test_octets_that_are_no_text_spoil_their_line_only(path):
    path.write_bytes(b"\xef\xbb\xbf192.0.2.1 a\n192.0.2.2 \xff\n192.0.2.3 c # \xfe\n")
    with looked(path) as at:
        assert at.names() == ["a.", "c."]


def test_without_an_interval_it_is_read_once(path):
    with looked(path, "192.0.2.1 a", reload=0.0) as at:
        at.write("192.0.2.1 b")
        assert at.names(3600) == ["a."]
        assert len(asyncio.all_tasks(at.loop)) == 0


def started(path):
    async def body():
        file = HostsFile(wanted(path), FakeProcess(), lambda: 0.0)
        await file.start()
        await file.stop()
        return file.table.size

    return asyncio.run(body())


def test_a_large_file_is_read_beside_the_event_loop(path):
    text = "".join(f"10.0.{number // 256}.{number % 256} a{number}.example.org\n" for number in range(4000))
    assert len(text) > SMALL
    path.write_text(text)
    assert started(path) == 4000


def test_a_file_that_is_too_large_is_not_read(path, caplog):
    with path.open("wb") as file:
        file.write(b"192.0.2.1 a\n")
        file.truncate(LARGEST + 1)
    assert started(path) == 0
    assert warnings(caplog) == [f"{path} cannot be read, its last content stays: it has more than 16777216 octets"]
