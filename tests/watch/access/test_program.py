"""Programs that are run for what they print: they end, and leave nothing behind."""

import asyncio
import os
from pathlib import Path

import pytest

from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.program import output
from tests.support.deadline import until
from tests.support.plugin import script


def writes_its_pid(folder):
    return f"open({str(folder / 'pid')!r}, 'w').write(str(os.getpid()))"


def too_long(folder, body):
    """Run a program that takes longer than it may."""
    program = script(folder / "program", body)
    with pytest.raises(AccessError) as caught:
        asyncio.run(output(str(program), (), {}, 1.5))
    assert str(caught.value) == f"{program}: it takes more than 1.5 s"


def test_what_it_says_of_a_success_is_read_and_forgotten(tmp_path):
    program = script(tmp_path / "program", "for _ in range(100): os.write(2, b'x' * 65536)\nprint('done')")
    assert asyncio.run(output(str(program), (), {}, 10.0)) == b"done\n"


def test_who_gives_up_waiting_ends_it(tmp_path):
    program = script(tmp_path / "program", f"{writes_its_pid(tmp_path)}\ntime.sleep(60)")

    async def given_up():
        asked = asyncio.create_task(output(str(program), (), {}, 10.0))
        await until(lambda: _pid(tmp_path))
        asked.cancel()
        await asyncio.wait([asked])
        return asked.cancelled(), _alive(_pid(tmp_path))

    assert asyncio.run(given_up()) == (True, False)


@pytest.mark.parametrize(
    "then",
    [
        pytest.param("time.sleep(60)", id="while it runs itself"),
        pytest.param("print('done')", id="that holds its output when it has ended"),
    ],
)
def test_a_child_is_ended_with_it(then, tmp_path):
    too_long(tmp_path, f"if os.fork() == 0:\n    {writes_its_pid(tmp_path)}; time.sleep(60)\n{then}")
    assert asyncio.run(until(lambda: not _alive(_pid(tmp_path))))


def test_a_child_that_left_holds_nobody_up(tmp_path):
    too_long(tmp_path, f"if os.fork() == 0:\n    os.setsid(); {writes_its_pid(tmp_path)}; time.sleep(60)")
    pid = _pid(tmp_path)
    assert pid
    os.kill(pid, 9)


def _pid(folder):
    path = folder / "pid"
    return int(path.read_text() or 0) if path.exists() else 0


def _alive(pid):
    """Say whether a process runs; one that has ended and is not yet waited for does not."""
    assert pid
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False
