"""The demo, as a script runs it."""

import asyncio
import io
import subprocess
import sys
from dataclasses import replace

from rich.console import Console

from fedresolver.cli.demo.play import play
from fedresolver.cli.demo.screen import Screen
from fedresolver.cli.demo.steps import STEPS, Told


def test_a_script_sees_every_answer_as_told():
    done = subprocess.run(
        [sys.executable, "-m", "fedresolver", "demo", "--script"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for step in STEPS:
        assert step.told.why in done.stdout
    assert "Every answer was as told." in done.stdout


def test_an_answer_that_was_not_told_is_a_failure():
    wrong = replace(STEPS[0], told=Told(("5s A 192.0.2.1",), "local"))
    screen = io.StringIO()
    assert asyncio.run(play(Screen(Console(file=screen)), 0, guided=False, steps=(wrong,))) is False
    assert "Not every answer was as told." in screen.getvalue()
