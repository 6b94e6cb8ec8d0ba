"""Whose turn it is."""

import pytest

from fedresolver.upstream.hostnames.turns import Turns


def order(steps):
    """Return in which order things are taken that wait after `steps`: `a1 new`, `a1 again`, `a1 hurry`, `a1 gone`."""
    turns = Turns()
    for step in steps.split(", "):
        thing, verb = step.split()
        if verb == "gone":
            turns.remove(thing[0], thing)
        elif verb == "hurry":
            turns.hurry(thing[0], thing)
        else:
            turns.add(thing[0], thing, new=verb == "new")
    taken = []
    while turns:
        taken.append(turns.take())
    return " ".join(taken)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param("a1 new, a2 new", "a1 a2", id="as they came"),
        pytest.param("a1 again, a2 new", "a2 a1", id="the new ones of an owner first"),
        pytest.param("a1 new, a2 new, a3 new, b1 again", "a1 b1 a2 a3", id="owners take turns"),
        pytest.param("a1 new, a2 new, b1 again, b2 hurry, b1 hurry", "b1 a1 a2", id="what is urgent is first"),
        pytest.param("a1 new, a2 new, b1 again, b1 hurry, b1 hurry", "b1 a1 a2", id="twice urgent is once"),
        pytest.param("a1 new, b1 new, a1 gone", "b1", id="one that is gone"),
        pytest.param("a1 new, b1 new, b1 hurry, b1 gone", "a1", id="gone, although it was urgent"),
        pytest.param("a1 new, b1 gone, a2 gone", "a1", id="gone before it came"),
        pytest.param("a1 new, a1 new", "a1", id="each waits once"),
    ],
)
def test_order(steps, expected):
    assert order(steps) == expected
