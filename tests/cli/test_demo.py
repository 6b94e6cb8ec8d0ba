"""The demo, as a script runs it and as somebody at a terminal does."""

import asyncio
import io
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from rich.console import Console

from fedresolver.cli.demo.play import play
from fedresolver.cli.demo.screen import Screen
from fedresolver.cli.demo.steps import STEPS, Told
from tests.support.ask import over_udp, raw, wire

SECONDS = 30.0
DEMO = (sys.executable, "-m", "fedresolver", "demo")
ENTER, END_OF_INPUT = b"\n", b"\x04"


def run(*arguments, **environ):
    return subprocess.run(
        (*DEMO, *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env=os.environ | {"COLUMNS": "80"} | environ,
    )


class Terminal:
    """Somebody who reads what the demo writes, and presses keys."""

    def __init__(self, folder):
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            DEMO, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, env=environment(folder)
        )
        os.close(theirs)
        self.seen = ""

    def read_until(self, text):
        start, deadline = len(self.seen), time.monotonic() + SECONDS
        while text not in self.seen[start:]:
            assert select.select([self.ours], [], [], max(0.0, deadline - time.monotonic()))[0], self.seen
            self.seen += os.read(self.ours, 65536).decode()

    def press(self, key):
        os.write(self.ours, key)

    def exit_code(self):
        return self.process.wait(SECONDS)


def environment(folder):
    return os.environ | {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "80", "TMPDIR": str(folder)}


@contextmanager
def at_a_terminal(folder):
    terminal = Terminal(folder)
    try:
        yield terminal
    finally:
        terminal.process.kill()
        terminal.process.wait()
        os.close(terminal.ours)


@pytest.mark.skipif(shutil.which("dig") is None, reason="dig is not installed")
def test_a_script_sees_every_answer_as_told():
    done = run("--script")
    assert (done.returncode, done.stderr) == (0, "")
    words = " ".join(done.stdout.split())
    for step in STEPS:
        assert step.told.why in words
        assert all(line in words for line in step.told.lines)
    assert "At a terminal the demo waits before each change, for you to ask:" in words
    assert "Below, dig asks" in words
    assert words.endswith("Every answer was as told.")


def test_nothing_is_wider_than_80_columns_or_coloured_for_a_script():
    output = run("--script").stdout
    assert max(len(line.rstrip()) for line in output.splitlines()) <= 80
    assert "\x1b" not in output


def test_without_dig_the_demo_asks_by_itself(tmp_path):
    done = run("-o", "json", PATH=str(tmp_path))
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"], found["asked_with"]) == (0, True, "fedresolver")
    answers = [(sorted(step["answer"]), step["why"]) for step in found["steps"]]
    assert answers == [(sorted(step.told.lines), step.told.why) for step in STEPS]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(Told(("5s A 192.0.2.1",), "local"), id="another address is not what was told"),
        pytest.param(Told(STEPS[0].told.lines, "global"), id="another reason is not what was told"),
        pytest.param(Told((), "local"), id="an answer is not none"),
    ],
)
def test_an_answer_that_was_not_told_is_a_failure(told):
    screen = io.StringIO()
    steps = (replace(STEPS[0], told=told),)
    assert asyncio.run(play(Screen(Console(file=screen)), 0, steps, patience=0.0)) == 1
    assert "Not every answer was as told." in screen.getvalue()
    assert "told  " in screen.getvalue()


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
def test_a_port_that_is_taken_is_one_line_and_a_failure(kind):
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        done = run("--script", "--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"cannot listen on 127.0.0.1 port {port}: Address already in use\n"


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(lambda terminal: terminal.process.send_signal(signal.SIGINT), id="Ctrl-C"),
        pytest.param(lambda terminal: terminal.press(END_OF_INPUT), id="the end of the input"),
    ],
)
def test_a_terminal_is_waited_for_and_can_ask_until_the_end(tmp_path, end):
    with at_a_terminal(tmp_path) as terminal:
        for _ in STEPS[1:]:
            terminal.read_until("Press Enter")
            terminal.press(ENTER)
        terminal.read_until("removes the folder.")
        port = int(re.search(r"-p (\d+)", terminal.seen)[1])
        answer = over_udp(("127.0.0.1", port), raw(wire("nginx.mynamespace.myfederation")))
        assert answer.endswith(bytes((10, 10, 0, 80)))
        end(terminal)
        assert terminal.exit_code() == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_demo_that_is_ended_early_cleans_up_and_says_so(tmp_path, number):
    with at_a_terminal(tmp_path) as terminal:
        terminal.read_until("Press Enter")
        terminal.process.send_signal(number)
        assert terminal.exit_code() == 130
    assert list(tmp_path.iterdir()) == []
