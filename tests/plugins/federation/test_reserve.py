"""A serial across restarts: it never goes back, whatever the clock does, nor stands still."""

import pytest

from fedresolver.plugins.federation.reserve import AHEAD, Reserve
from fedresolver.plugins.federation.serial import Serial
from tests.support.clock import virtual_loop

NOW = 1_800_000_000


async def at_once(work):
    """Do what is else done beside the event loop: its time stands still meanwhile."""
    work()


def lived(folder, wall, changes=0, value=None):
    """Return the serials at the start and at the end of a process in which the data changes so often."""
    with virtual_loop() as loop:
        serial = Serial(lambda: wall + loop.time())
        reserve = Reserve(serial, str(folder / "state.serial"), at_once)
        loop.run_until_complete(reserve.start())
        first = serial.value

        async def touch():
            serial.touch()

        for _ in range(changes):
            loop.run_until_complete(touch())
            loop.advance(1)
        loop.run_until_complete(reserve.stop())
        loop.run_until_complete(serial.stop())
        return first, serial.value


def test_the_first_start_begins_at_the_time_of_the_clock(tmp_path):
    assert lived(tmp_path, NOW) == (NOW, NOW)


@pytest.mark.parametrize(
    "wall",
    [
        pytest.param(NOW, id="at once"),
        pytest.param(NOW - 3600, id="a clock that was set back"),
        pytest.param(0, id="a machine without a clock"),
    ],
)
@pytest.mark.parametrize("changes", [0, 1, 3, AHEAD // 2, 3 * AHEAD])
def test_the_next_start_goes_on_after_the_last(wall, changes, tmp_path):
    _, last = lived(tmp_path, NOW, changes)
    first, _ = lived(tmp_path, wall)
    assert last < first <= last + AHEAD + 1


def test_a_clock_that_is_ahead_of_the_file_is_believed(tmp_path):
    lived(tmp_path, NOW, 3)
    assert lived(tmp_path, NOW + 3600)[0] == NOW + 3600


def test_the_file_is_written_seldom(tmp_path):
    _, last = lived(tmp_path, NOW, AHEAD // 2 - 5)
    assert int((tmp_path / "state.serial").read_text()) == NOW + AHEAD
    assert last < NOW + AHEAD


@pytest.mark.parametrize("text", ["", "seven\n", "\0\xff"])
def test_a_file_that_cannot_be_read_is_told(text, tmp_path, caplog):
    (tmp_path / "state.serial").write_text(text)
    assert lived(tmp_path, NOW)[0] == NOW
    assert "cannot be read" in caplog.text


def test_a_folder_in_its_place_is_told_as_the_system_says_it(tmp_path, caplog):
    (tmp_path / "state.serial").mkdir()
    assert lived(tmp_path, NOW)[0] == NOW
    assert "state.serial cannot be read: Is a directory; it begins" in caplog.text


def test_a_folder_that_is_not_there_is_told(tmp_path, caplog):
    assert lived(tmp_path / "nowhere", NOW, 2)[1] == NOW + 2
    assert caplog.text.count("cannot be written") == 1
