"""Whole behaviours over virtual time: each file beside this one is a scenario, `tests/support/scenario.py` its grammar."""

import logging
from pathlib import Path

import pytest

from tests.support.scenario import play

FILES = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem.replace("_", " ")) for path in FILES])
def test_scenario(path, caplog):
    with caplog.at_level(logging.INFO, "fedresolver"):
        play(path, caplog.records)


def test_there_are_scenarios():
    assert FILES
