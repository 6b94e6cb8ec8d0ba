"""What a command shows while it works."""

import io
import os
import subprocess
import sys

from fedresolver.cli.progress import Progress
from tests.support.running import ROOT


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_shows_what_is_done_and_nothing_at_the_end():
    stream = Terminal()
    progress = Progress(stream)
    progress.say("asking \x1b")
    assert stream.getvalue() == "\r\x1b[Kasking \\x1b ..."
    progress.end()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_a_file_shows_nothing():
    stream = io.StringIO()
    progress = Progress(stream)
    progress.say("asking")
    progress.end()
    assert stream.getvalue() == ""


def test_waiting_says_for_what():
    here, there = os.openpty()
    words = ("clusters", "--server", "http://127.0.0.1:1", "--wait", "--timeout", "0.5")
    with os.fdopen(here, "rb", buffering=0) as screen:
        done = subprocess.run(
            (sys.executable, "-m", "fedresolver", *words),
            stdout=subprocess.PIPE,
            stderr=there,
            timeout=20,
            check=False,
            env=os.environ | {"PYTHONPATH": ROOT},
        )
        os.close(there)
        seen = screen.read(65536).decode()
    assert (done.returncode, done.stdout) == (1, b"")
    assert "\r\x1b[Kcannot ask http://127.0.0.1:1: Connection refused ..." in seen


def test_a_screen_that_is_closed_shows_nothing():
    done = subprocess.run(
        f"{sys.executable} -m fedresolver diagnose --server http://127.0.0.1:1 2>&-",
        shell=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=20,
        check=False,
        env=os.environ | {"PYTHONPATH": ROOT},
    )
    assert "status page" in done.stdout
