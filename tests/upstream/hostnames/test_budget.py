"""How much may be asked."""

import pytest

from fedresolver.upstream.hostnames.budget import Budget


def taken(budget, now):
    """Return how many there are at a moment."""
    count = 0
    while budget.take(now):
        count += 1
    return count


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        pytest.param((0.0,), [4], id="what was saved, at once"),
        pytest.param((0.0, 0.0), [4, 0], id="and then nothing"),
        pytest.param((0.0, 0.5, 1.0), [4, 1, 1], id="so many a second"),
        pytest.param((0.0, 100.0), [4, 4], id="no more is saved than so many"),
        pytest.param((0.0, 0.25, 0.5), [4, 0, 1], id="parts add up"),
    ],
)
def test_two_a_second(moments, expected):
    budget = Budget(2, 4)
    assert [taken(budget, now) for now in moments] == expected


def test_how_long_to_wait_for_the_next():
    budget = Budget(2, 1)
    assert budget.wait(0.0) == 0.0
    assert budget.take(0.0)
    assert (budget.wait(0.0), budget.wait(0.25), budget.wait(9.0)) == (0.5, 0.25, 0.0)
