"""Real folders with real edits: what is told, and that it is told soon."""

import json
import logging
import os
import shutil
import time
from contextlib import contextmanager

import pytest

from fedresolver.model.event import Failed, Joined, Left, Put, Removed, Restored, Stale, Synced
from fedresolver.model.objects import Namespace
from fedresolver.observe.metrics import Metrics
from fedresolver.watch.manifests.source import ManifestFolder, check
from tests.support.deadline import eventually
from tests.support.loop import looping

ERRORS = "fedresolver_federation_manifest_errors_total"


def manifest(*names):
    """Return the text of a manifest with these namespaces."""
    items = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in names]
    return json.dumps({"kind": "List", "items": items})


def write(path, text):
    """Write a file in one step, as careful tools do."""
    path.parent.mkdir(exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp")
    beside.write_text(text)
    beside.rename(path)


class Told:
    """A sink that keeps what the members are after all that it was told."""

    def __init__(self):
        self.batches = []
        self.members = {}

    def __call__(self, batch):
        for event in batch:
            self._take(event)
        self.batches.append(list(batch))

    def _take(self, event):
        match event:
            case Joined(member):
                assert member not in self.members
                self.members[member] = ["joined", set()]
            case Left(member):
                del self.members[member]
            case Put(member, thing):
                self.members[member][1].add(thing.name)
            case Removed(member, ref):
                self.members[member][1].remove(ref.name)
            case Synced(member) | Stale(member) | Restored(member) | Failed(member):
                self.members[member][0] = type(event).__name__.lower()

    def world(self):
        """Return the members as text: `east synced a b`."""
        return sorted(" ".join([name, state, *sorted(names)]) for name, (state, names) in self.members.items())


class Bench:
    """A manifest folder that runs, with a sink."""

    def __init__(self, loop, folder):
        self.loop = loop
        self.metrics = Metrics()
        self.manifests = ManifestFolder(str(folder), time.monotonic, self.metrics)
        self.told = Told()
        loop.call(self.manifests.subscribe, self.told)

    def becomes(self, *world):
        """Wait until the members are these."""
        eventually(lambda: self.loop.call(self.told.world) == list(world) or None)

    def errors(self, member):
        return self.metrics.counter(ERRORS, "", ("member",)).value(member)


@contextmanager
def running(folder):
    with looping() as loop:
        bench = Bench(loop, folder)
        loop.run(bench.manifests.start())
        try:
            yield bench
        finally:
            loop.run(bench.manifests.stop())


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "members"
    folder.mkdir()
    write(folder / "east" / "a.json", manifest("a"))
    write(folder / "west" / "b.yaml", manifest("b"))
    return folder


@pytest.fixture
def bench(folder):
    with running(folder) as bench:
        bench.becomes("east synced a", "west synced b")
        yield bench


def test_members_join_before_anything_else_runs(folder):
    with looping() as loop:
        bench = Bench(loop, folder)

        async def start():
            await bench.manifests.start()
            return bench.told.world()

        assert loop.run(start()) == ["east joined", "west joined"]
        loop.run(bench.manifests.stop())


def test_what_was_known_before_a_restart_is_told_first(folder):
    known = {"east": [Namespace("a"), Namespace("z")]}
    with looping() as loop:
        bench = Bench(loop, folder)
        bench.manifests.recall_with(known.get)
        loop.run(bench.manifests.start())
        try:
            bench.becomes("east synced a", "west synced b")
            assert [type(event).__name__ for event in bench.told.batches[1]] == ["Put", "Put", "Restored"]
            assert sorted(bench.manifests.objects()) == ["east", "west"]
        finally:
            loop.run(bench.manifests.stop())


def test_a_late_sink_is_told_all_and_one_that_left_nothing(bench, folder):
    late = Told()
    bench.loop.call(bench.manifests.subscribe, late)
    assert bench.loop.call(late.world) == ["east synced a", "west synced b"]
    bench.loop.call(bench.manifests.unsubscribe, late)
    write(folder / "east" / "c.json", manifest("c"))
    bench.becomes("east synced a c", "west synced b")
    assert late.world() == ["east synced a", "west synced b"]


def test_a_new_file_an_edit_and_a_deleted_file_show(bench, folder):
    write(folder / "east" / "c.yml", manifest("c"))
    bench.becomes("east synced a c", "west synced b")
    write(folder / "east" / "c.yml", manifest("d"))
    bench.becomes("east synced a d", "west synced b")
    (folder / "east" / "c.yml").write_text(manifest("d", "e"))
    bench.becomes("east synced a d e", "west synced b")
    (folder / "east" / "c.yml").unlink()
    bench.becomes("east synced a", "west synced b")


def test_an_edit_shows_within_a_second(bench, folder):
    start = time.monotonic()
    write(folder / "east" / "a.json", manifest("z"))
    bench.becomes("east synced z", "west synced b")
    assert time.monotonic() - start < 1


def test_an_edit_is_one_batch(bench, folder):
    before = len(bench.told.batches)
    write(folder / "east" / "a.json", manifest("y", "z"))
    bench.becomes("east synced y z", "west synced b")
    assert [[type(event).__name__ for event in batch] for batch in bench.told.batches[before:]] == [
        ["Removed", "Put", "Put"]
    ]


def test_a_new_member_and_a_deleted_one_show(bench, folder):
    write(folder / "north" / "n.json", manifest("n"))
    bench.becomes("east synced a", "north synced n", "west synced b")
    shutil.rmtree(folder / "east")
    bench.becomes("north synced n", "west synced b")


def test_all_members_deleted_from_a_folder_that_is_there_have_left(bench, folder):
    for member in ("east", "west"):
        shutil.rmtree(folder / member)
    bench.becomes()


def test_other_names_are_no_manifests(bench, folder):
    for name in (".hidden.yaml", "README.md", "backup.yaml~"):
        (folder / "east" / name).write_text("{[")
    (folder / "east" / "sub.yaml").mkdir()
    os.mkfifo(folder / "east" / "pipe.yaml")
    (folder / "east" / "nothing.yaml").symlink_to("absent")
    (folder / ".git").mkdir()
    (folder / "README.md").write_text("text")
    write(folder / "east" / "z.json", manifest("z"))
    bench.becomes("east synced a z", "west synced b")
    assert bench.errors("east") == bench.errors("") == 0


def test_a_config_map_that_is_swapped_is_one_change(bench, folder):
    north = folder / "north"
    for version, names in (("..v1", ("n", "o")), ("..v2", ("p", "q"))):
        (north / version).mkdir(parents=True)
        for name in names:
            (north / version / f"{names.index(name)}.json").write_text(manifest(name))
    (north / "..data").symlink_to("..v1")
    for name in ("0.json", "1.json"):
        (north / name).symlink_to(f"..data/{name}")
    bench.becomes("east synced a", "north synced n o", "west synced b")
    before = len(bench.told.batches)
    (north / "..data_tmp").symlink_to("..v2")
    (north / "..data_tmp").rename(north / "..data")
    bench.becomes("east synced a", "north synced p q", "west synced b")
    assert len(bench.told.batches) == before + 1


def test_a_member_may_be_a_symlink(bench, folder, tmp_path):
    write(tmp_path / "elsewhere" / "n.json", manifest("n"))
    (folder / "north").symlink_to(tmp_path / "elsewhere")
    bench.becomes("east synced a", "north synced n", "west synced b")
    start = time.monotonic()
    write(tmp_path / "elsewhere" / "n.json", manifest("o"))
    bench.becomes("east synced a", "north synced o", "west synced b")
    assert time.monotonic() - start < 1


def test_a_damaged_file_keeps_its_content_and_says_so_once(bench, folder, caplog):
    (folder / "east" / "a.json").write_text("{")
    eventually(lambda: bench.errors("east"))
    (folder / "east" / "a.json").write_text("{ ")
    write(folder / "west" / "c.json", manifest("c"))
    bench.becomes("east synced a", "west synced b c")
    assert bench.errors("east") == 1
    assert caplog.record_tuples == [
        ("fedresolver.federation", logging.ERROR, f"{folder}/east/a.json:1: JSON ends too early")
    ]


def point(link, target):
    """Make `link` a symlink to `target` in one step, whatever it was."""
    link.with_name(".link").symlink_to(target)
    link.with_name(".link").rename(link)


def test_a_member_whose_folder_cannot_be_read_is_stale_until_it_can(bench, folder, caplog):
    north = folder / "north"
    write(folder / ".north" / "n.json", manifest("n"))
    (folder / ".file").write_text("no folder")
    point(north, ".north")
    bench.becomes("east synced a", "north synced n", "west synced b")
    point(north, ".file")
    bench.becomes("east synced a", "north stale n", "west synced b")
    assert caplog.messages == [f"{north}: Not a directory; its last state stands"]
    write(folder / ".north" / "n.json", manifest("o"))
    point(north, ".north")
    bench.becomes("east synced a", "north synced o", "west synced b")


def test_a_folder_that_vanishes_removes_nobody_and_may_return(bench, folder, tmp_path, caplog):
    tmp_path.joinpath("members").rename(tmp_path / "away")
    bench.becomes("east stale a", "west stale b")
    assert caplog.messages == [
        f"{folder}: No such file or directory; `manifests` wants a folder that holds one folder per member"
    ]
    shutil.rmtree(tmp_path / "away" / "west")
    tmp_path.joinpath("away").rename(folder)
    bench.becomes("east synced a")
    write(folder / "east" / "a.json", manifest("z"))
    bench.becomes("east synced z")


def test_a_folder_that_is_replaced_is_watched_in_its_place(bench, folder, tmp_path):
    write(tmp_path / "other" / "x", "")
    write(tmp_path / "other" / "north" / "n.json", manifest("n"))
    folder.rename(tmp_path / "old")
    (tmp_path / "other").rename(folder)
    bench.becomes("north synced n")
    start = time.monotonic()
    write(folder / "north" / "n.json", manifest("o"))
    bench.becomes("north synced o")
    assert time.monotonic() - start < 1


def test_names_that_are_no_members_are_told_once(folder, caplog):
    (folder / "ea st").mkdir()
    (folder / "-x").mkdir()
    (folder / "loose.yaml").write_text("")
    with running(folder) as bench:
        bench.becomes("east synced a", "west synced b")
        write(folder / "east" / "c.json", manifest("c"))
        bench.becomes("east synced a c", "west synced b")
        assert bench.errors("") == 3
    assert caplog.messages == [
        f"{folder}: '-x' is no member's name; it has letters, digits, '.', '_', '-'",
        f"{folder}: 'ea st' is no member's name; it has letters, digits, '.', '_', '-'",
        f"{folder}: 'loose.yaml' belongs to no member; put it into {folder}/MEMBER/",
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param("absent", "No such file or directory", id="a folder that is not there"),
        pytest.param("file", "Not a directory", id="a file"),
    ],
)
def test_without_a_folder_nothing_starts(tmp_path, name, why):
    (tmp_path / "file").write_text("")
    path = str(tmp_path / name)
    error = f"^{path}: {why}; `manifests` wants a folder that holds one folder per member$"
    with pytest.raises(OSError, match=error):
        check(path)
    with looping() as loop, pytest.raises(OSError, match=error):
        loop.run(ManifestFolder(path, time.monotonic, Metrics()).start())


def test_a_folder_that_is_there_is_fine(folder):
    check(str(folder))


def test_it_starts_again_after_a_stop(bench, folder):
    bench.loop.run(bench.manifests.stop())
    write(folder / "east" / "a.json", manifest("z"))
    bench.loop.run(bench.manifests.start())
    bench.becomes("east synced z", "west synced b")
