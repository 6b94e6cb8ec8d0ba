"""Files that are read while others change them, and what may stand in their place."""

import os

import pytest

from fedresolver.watch.octets import octets


def test_a_file_is_read_up_to_so_many_octets(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert [octets(str(tmp_path / "file"), most) for most in (2, 3, 4)] == [b"ab", b"abc", b"abc"]


@pytest.mark.parametrize("silent", [True, False], ids=["nobody writes to", "that somebody holds open"])
def test_a_pipe_is_not_waited_for(silent, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    held = [] if silent else [os.open(pipe, os.O_RDWR)]
    assert octets(str(pipe), 1) == b""
    for one in held:
        os.close(one)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param("away", "No such file", id="nothing"),
        pytest.param(".", "Is a directory", id="a folder"),
        pytest.param("a\0b", "no null character", id="a path that cannot be"),
    ],
)
def test_what_is_no_file_is_an_error_and_nothing_stays_open(name, why, tmp_path):
    opened = os.listdir("/proc/self/fd")
    with pytest.raises(OSError, match=why):
        octets(os.path.join(tmp_path, name), 1)
    assert os.listdir("/proc/self/fd") == opened
