"""What the kernel tells of a process that is measured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.process import Process

MIB = 1024 * 1024
CODE = f"block = bytearray({64 * MIB}); del block; print(flush=True); input()"


@pytest.fixture
def grown():
    """A process that had 64 MiB more than it has."""
    with subprocess.Popen([sys.executable, "-c", CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as popen:
        popen.stdout.readline()
        yield Process("grown", popen.pid, Path(os.devnull), popen)
        popen.stdin.close()
        popen.kill()


def test_a_peak_is_the_most_memory_that_there_was(grown):
    assert grown.peak() > grown.resident() + 60


def test_a_peak_can_be_forgotten(grown):
    grown.forget_peak()
    assert grown.peak() < grown.resident() + 4
