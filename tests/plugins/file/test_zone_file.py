"""A zone file that is read, changed and spoilt; when it is looked at again is the test's to say."""

import asyncio
import logging
import os

import pytest

from fedresolver.config.read import ConfigError
from fedresolver.observe.metrics import Metrics
from fedresolver.plugins.file.metrics import FileMetrics
from fedresolver.plugins.file.zone_file import MANY, Wanted, ZoneFile
from fedresolver.wire.name import from_text
from tests.support.setup import FakeProcess

HEAD = "$TTL 60\n@ SOA ns h {serial} 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"


class Looked:
    """A file that is looked at when `look` is called."""

    def __init__(self, path):
        self.path = path
        self.process = FakeProcess()
        self.metrics = FileMetrics(Metrics())
        self._due, self._looked, self._writes = asyncio.Event(), asyncio.Event(), 0
        wanted = Wanted(str(path), from_text("example.org"), 60.0)
        self.file = ZoneFile(wanted, self.process, self.metrics, self._sleep)

    async def _sleep(self, seconds):
        self._looked.set()
        await self._due.wait()
        self._due.clear()

    def write(self, text="", serial=1, path=None):
        """Write the file, with an mtime that tells it from the one before whatever the clock's steps are."""
        self._writes += 1
        (path or self.path).write_text(HEAD.format(serial=serial) + text if path is None else text)
        os.utime(path or self.path, (self._writes, self._writes))

    async def look(self):
        await self._looked.wait()
        self._looked.clear()
        self._due.set()
        await self._looked.wait()

    @property
    def names(self):
        return [len(self.file.served.contents.rrsets), self.file.served.contents.serial]


def using(tmp_path, body):
    async def run():
        at = Looked(tmp_path / "db")
        at.write()
        await at.file.start()
        try:
            await body(at)
        finally:
            await at.file.stop()

    asyncio.run(run())


def told(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_it_is_read_again_when_it_has_changed(tmp_path):
    async def body(at):
        assert (at.names, at.process.forgotten) == ([2, 1], 1)
        zone = at.file.served.zone
        await at.look()
        assert at.file.served.zone is zone
        at.write("www A 192.0.2.2", serial=2)
        await at.look()
        assert (at.names, at.process.forgotten) == ([3, 2], 2)

    using(tmp_path, body)


def test_one_that_is_written_again_as_it_was_is_no_change(tmp_path, caplog):
    async def body(at):
        zone = at.file.served.zone
        at.write()
        await at.look()
        assert at.file.served.zone is zone

    using(tmp_path, body)
    assert told(caplog) == []


def test_files_that_it_includes_are_looked_at_too(tmp_path):
    async def body(at):
        more = tmp_path / "more"
        at.write("www A 192.0.2.2\n", path=more)
        at.write("$INCLUDE more\n", serial=2)
        await at.look()
        assert at.names == [3, 2]
        at.write("www A 192.0.2.2\nftp A 192.0.2.2\n", path=more)
        await at.look()
        assert at.names == [4, 2]

    using(tmp_path, body)


@pytest.mark.parametrize("spoil", ["write", "unlink"])
def test_errors_leave_what_was_there_and_are_told_once(tmp_path, caplog, spoil):
    async def body(at):
        if spoil == "write":
            at.write("www A nowhere\nftp A there\n", serial=2)
        else:
            at.path.unlink()
        await at.look()
        await at.look()
        assert (at.names, at.metrics.failures.value("example.org.")) == ([2, 1], 1)
        assert len(told(caplog)) == (2 if spoil == "write" else 1)
        assert all(line.startswith(f"the zone example.org. stays as it is: {at.path}:") for line in told(caplog))
        at.write(serial=3)
        await at.look()
        assert at.names == [2, 3]

    using(tmp_path, body)


@pytest.mark.parametrize(("serial", "warned"), [(2, False), (1, True), (0, True), (2**31 + 2, True)])
def test_a_serial_that_does_not_grow_is_a_warning(tmp_path, caplog, serial, warned):
    """RFC 1982 3.2."""

    async def body(at):
        at.write("www A 192.0.2.2", serial=serial)
        await at.look()
        assert at.names == [3, serial]

    using(tmp_path, body)
    expected = "zone example.org. has changed, but its serial has not grown; secondaries will not see it"
    assert [line.partition(": ")[2] for line in told(caplog)] == [expected] * warned


def test_a_broken_file_ends_the_start(tmp_path):
    async def run():
        at = Looked(tmp_path / "db")
        at.write("www A nowhere")
        with pytest.raises(ConfigError):
            await at.file.start()
        await at.file.stop()
        assert at.file.served.zone is None

    asyncio.run(run())


def test_a_large_file_tells_how_far_it_is(tmp_path, caplog):
    caplog.set_level(logging.INFO)

    async def body(at):
        at.write("$GENERATE 1-50000 n$ A 192.0.2.1\n", serial=2)
        await at.look()
        assert at.names == [50002, 2]

    using(tmp_path, body)
    lines = [record.getMessage() for record in caplog.records]
    far = [line for line in lines if line.endswith("records read so far")]
    assert len(far) == 50_000 // MANY
    assert lines[-1] == "zone example.org.: serial 2, 50003 records"
