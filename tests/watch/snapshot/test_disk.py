"""Real files: whole or not at all."""

import errno
import os
import stat
import subprocess
import sys
import threading

import pytest

from fedresolver.watch.snapshot import disk

FULL = """
import os, sys
from fedresolver.watch.snapshot import disk
path = sys.argv[1] + "/state"
disk.write(path, [b"old"])
try:
    disk.write(path, [bytes(1 << 20)])
except OSError as error:
    print(error.errno, disk.read(path), os.listdir(sys.argv[1]))
"""


def test_what_is_written_is_read_by_its_owner_only(tmp_path):
    path = tmp_path / "state"
    disk.write(str(path), [b"one, ", b"two"])
    assert disk.read(str(path)) == b"one, two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["state"]


def test_a_file_that_is_not_there_is_none(tmp_path):
    assert disk.read(str(tmp_path / "state")) is None


def test_a_path_without_a_folder_is_in_the_one_we_run_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    disk.write("state", [b"here"])
    assert disk.read("state") == b"here"


def test_a_reader_sees_a_whole_file_at_any_time(tmp_path):
    path = str(tmp_path / "state")
    wholes = [bytes((letter,)) * 50_000 for letter in b"ab"]
    disk.write(path, wholes[:1])
    done = threading.Event()
    broken = []

    def watch():
        while not done.is_set():
            octets = disk.read(path)
            if octets not in wholes:
                broken.append(octets)

    reader = threading.Thread(target=watch)
    reader.start()
    for turn in range(200):
        disk.write(path, [wholes[turn % 2][:20_000], wholes[turn % 2][20_000:]])
    done.set()
    reader.join()
    assert broken == []


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    path = str(tmp_path / "state")
    disk.write(path, [b"old"])

    def parts():
        yield b"new"
        raise OSError(errno.EIO, "the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        disk.write(path, parts())
    assert disk.read(path) == b"old"
    assert os.listdir(tmp_path) == ["state"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    mount = f"mount -t tmpfs -o size=256k none {tmp_path} && exec {sys.executable} -c '{FULL}' {tmp_path}"
    shell = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount]
    found = subprocess.run(shell, capture_output=True, text=True, timeout=30, check=False)
    if "unshare" in found.stderr or "mount" in found.stderr:
        pytest.skip("no file system may be mounted here")
    assert (found.stdout, found.stderr) == (f"{errno.ENOSPC} b'old' ['state']\n", "")


@pytest.mark.parametrize("make", [pytest.param(os.mkdir, id="a folder"), pytest.param(os.mkfifo, id="a FIFO")])
def test_what_is_no_file_is_not_read(make, tmp_path):
    make(tmp_path / "state")
    with pytest.raises(OSError, match=r"it is no file|Is a directory"):
        disk.read(str(tmp_path / "state"))


def test_what_killed_writers_left_is_removed_and_nothing_else(tmp_path):
    for name in ("state", "state.k2j4.tmp", "state.damaged", "other.k2j4.tmp"):
        (tmp_path / name).touch()
    disk.clean(str(tmp_path / "state"))
    assert sorted(os.listdir(tmp_path)) == ["other.k2j4.tmp", "state", "state.damaged"]


def test_a_file_set_aside_replaces_an_older_one(tmp_path):
    (tmp_path / "state").write_text("new")
    (tmp_path / "state.damaged").write_text("old")
    assert disk.set_aside(str(tmp_path / "state")) == str(tmp_path / "state.damaged")
    assert (tmp_path / "state.damaged").read_text() == "new"
    assert not (tmp_path / "state").exists()
