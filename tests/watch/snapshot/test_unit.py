"""When a snapshot is written, over virtual time; what is said when it cannot be; and what becomes of one that is bad."""

import asyncio
import logging
import shutil

import pytest

from fedresolver.model.objects import Namespace
from fedresolver.observe.metrics import Metrics
from fedresolver.watch.snapshot.format import PORTION, decode, encode
from fedresolver.watch.snapshot.unit import Snapshot
from tests.support.clock import virtual_loop
from tests.support.objects import services

ERRORS = "fedresolver_federation_snapshot_errors_total"
BEHIND = "fedresolver_federation_snapshot_behind_seconds"
WRITTEN = "fedresolver_federation_snapshot_written_timestamp_seconds"


class Bench:
    """A snapshot of a world that a test writes; `seconds` is what the wall clock shows."""

    def __init__(self, path, loop=None):
        self.path = path
        self.loop = loop
        self.world = {}
        self.seconds = 0.0
        self.metrics = Metrics()
        self.snapshot = Snapshot(str(path), "shop", self.objects, lambda: self.seconds, self.metrics)
        self.cost = 0.0
        self.asked = False

    def objects(self):
        self.asked = True
        if self.cost:
            self.loop.block(self.cost)
        return self.world

    def becomes(self, *names):
        self.changes({"c1": tuple(map(Namespace, names))})

    def changes(self, world):
        self.world = world
        self.loop.call_soon(self.snapshot.touch)

    def begins(self):
        """Let the next write begin."""
        self.asked = False
        while not self.asked:
            self.loop.settle()

    def on_disk(self):
        """Return the names that the file has; None without one."""
        if not self.path.exists():
            return None
        return [thing.name for thing in decode(self.path.read_bytes(), "shop")["c1"]]

    def settle(self):
        """Let a write that is going on come to its end, which takes no time of the virtual clock."""
        self.loop.settle()
        while asyncio.all_tasks(self.loop):
            self.loop.settle()

    def stop(self):
        stopping = self.loop.create_task(self.snapshot.stop())
        self.settle()
        stopping.result()

    def at(self, seconds):
        """Move the clock on to this second, with all that is written until then."""
        self.loop.advance(seconds - self.loop.time())
        self.settle()

    def errors(self):
        return self.metrics.counter(ERRORS, "", ("federation",)).value("shop")

    def behind(self):
        """Return for how long the oldest change that is not written has waited, as a scrape has it."""
        self.snapshot.refresh_metrics()
        return self.metrics.gauge(BEHIND, "", ("federation",), read=True).value("shop")

    def written(self):
        return self.metrics.gauge(WRITTEN, "", ("federation",)).value("shop")


@pytest.fixture
def bench(tmp_path):
    (tmp_path / "folder").mkdir()
    with virtual_loop() as loop:
        bench = Bench(tmp_path / "folder" / "state", loop)
        loop.run_until_complete(bench.snapshot.start())
        yield bench
        bench.stop()


def said(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


def test_the_first_change_is_written_at_once_and_later_ones_once_a_second(bench):
    bench.becomes("a")
    bench.at(0)
    assert bench.on_disk() == ["a"]
    bench.becomes("b")
    bench.at(0.5)
    bench.becomes("c")
    bench.at(0.9)
    assert bench.on_disk() == ["a"]
    bench.at(1)
    assert bench.on_disk() == ["c"]


def test_what_changes_while_it_is_written_is_written_after_the_rest(bench):
    bench.becomes("a")
    bench.begins()
    bench.becomes("b")
    bench.settle()
    assert bench.on_disk() == ["a"]
    bench.at(1)
    assert bench.on_disk() == ["b"]


def test_a_slow_write_takes_no_more_than_a_fiftieth_of_the_time(bench):
    bench.cost = 0.1
    bench.becomes("a")
    bench.at(0.1)
    bench.becomes("b")
    bench.at(5)
    assert bench.on_disk() == ["a"]
    bench.at(5.2)
    assert bench.on_disk() == ["b"]


def test_nothing_runs_while_nothing_changes(bench):
    bench.becomes("a")
    bench.at(0)
    bench.at(1)
    bench.path.unlink()
    bench.at(100)
    assert bench.on_disk() is None


def test_the_end_writes_what_is_not_written(bench):
    bench.becomes("a")
    bench.at(0)
    bench.becomes("b")
    bench.stop()
    assert bench.on_disk() == ["b"]


def test_the_end_waits_for_the_write_that_is_going_on_and_writes_the_last_change(bench):
    bench.becomes("a")
    bench.begins()
    bench.becomes("b")
    bench.stop()
    assert bench.on_disk() == ["b"]
    bench.becomes("c")
    bench.at(100)
    assert bench.on_disk() == ["b"]


def test_the_end_writes_nothing_when_nothing_has_changed(bench):
    bench.stop()
    assert bench.on_disk() is None


def test_a_change_before_the_start_is_written_at_the_start(tmp_path):
    with virtual_loop() as loop:
        bench = Bench(tmp_path / "state", loop)
        bench.becomes("a")
        loop.run_until_complete(bench.snapshot.start())
        bench.settle()
        assert bench.on_disk() == ["a"]
        bench.stop()


def test_what_is_written_is_of_one_moment(bench):
    things = list(services(PORTION))
    bench.changes({"c1": things})
    bench.begins()
    before = tuple(things)
    del things[:]
    bench.settle()
    assert decode(bench.path.read_bytes(), "shop") == {"c1": before}


def test_other_work_has_its_turn_between_the_portions(bench):
    turns, done = [], []

    def turn():
        turns.append(1)
        if not done:
            bench.loop.call_soon(turn)

    bench.changes({"c1": services(20 * PORTION)})
    bench.loop.call_soon(turn)
    bench.settle()
    done.append(True)
    bench.loop.settle()
    assert len(turns) > 2 * 20


def test_it_says_how_its_last_write_ended(bench):
    assert (bench.snapshot.written_at, bench.snapshot.why, bench.snapshot.waiting) == (None, "", False)
    folder = bench.path.parent
    shutil.rmtree(folder)
    bench.becomes("a")
    bench.at(0)
    assert bench.snapshot.why == "cannot be written: No such file or directory; it is tried again"
    assert (bench.snapshot.written_at, bench.snapshot.waiting) == (None, True)
    folder.mkdir()
    bench.seconds = 1000.0
    bench.at(10)
    assert (bench.snapshot.written_at, bench.snapshot.why, bench.snapshot.waiting) == (1000.0, "", False)


def test_a_folder_that_is_lost_costs_a_line_a_minute_and_a_counter(bench, caplog):
    shutil.rmtree(bench.path.parent)
    bench.becomes("a")
    for second in range(0, 120, 5):
        bench.at(second)
    assert (
        said(caplog) == [f"snapshot {bench.path} cannot be written: No such file or directory; it is tried again"] * 2
    )
    assert bench.errors() == 12
    assert bench.written() is None
    bench.path.parent.mkdir()
    bench.seconds = 1234.0
    bench.at(130)
    assert bench.on_disk() == ["a"]
    assert (bench.written(), bench.errors()) == (1234.0, 12)


def test_what_nobody_foresaw_does_not_end_the_writing(bench, caplog):
    bench.changes({"c1": 7})
    bench.at(0)
    assert len(said(caplog)) == 1
    bench.becomes("a")
    bench.at(10)
    assert bench.on_disk() == ["a"]


@pytest.fixture
def reader(tmp_path):
    return Bench(tmp_path / "state")


def test_what_was_written_is_read(reader, caplog):
    reader.path.write_bytes(encode("shop", {"c1": (Namespace("a"),), "c2": ()}))
    assert reader.snapshot.read() == {"c1": (Namespace("a"),), "c2": ()}
    assert (said(caplog), reader.errors()) == ([], 0)


def test_no_file_is_nothing_to_say(reader, caplog):
    assert reader.snapshot.read() == {}
    assert (said(caplog), reader.errors()) == ([], 0)


def test_a_damaged_file_is_set_aside_with_one_line(reader, caplog):
    reader.path.write_bytes(encode("shop", {"c1": ()})[:-1])
    assert reader.snapshot.read() == {}
    (line,) = said(caplog)
    assert line.startswith(f"snapshot {reader.path} cannot be believed: it has ")
    assert f"it is now {reader.path}.damaged" in line
    assert reader.errors() == 1
    assert not reader.path.exists()
    assert reader.snapshot.read() == {}
    assert len(said(caplog)) == 1


def test_a_file_that_cannot_be_read_stays_with_one_line(reader, caplog):
    reader.path.mkdir()
    assert reader.snapshot.read() == {}
    assert said(caplog) == [f"snapshot {reader.path} cannot be read: Is a directory; the members are waited for"]
    assert reader.path.is_dir()


def test_what_a_killed_writer_left_is_removed(reader):
    (reader.path.parent / "state.k2j4.tmp").touch()
    reader.snapshot.read()
    assert list(reader.path.parent.iterdir()) == []


def test_what_is_not_written_is_known_by_its_age(bench, tmp_path):
    assert bench.behind() == 0
    bench.path.parent.rename(tmp_path / "elsewhere")
    bench.becomes("a")
    bench.at(0)
    bench.seconds = 7.0
    bench.becomes("a", "b")
    bench.at(2)
    assert bench.behind() == 7
    (tmp_path / "elsewhere").rename(bench.path.parent)
    bench.at(30)
    assert bench.on_disk() == ["a", "b"]
    assert bench.behind() == 0
