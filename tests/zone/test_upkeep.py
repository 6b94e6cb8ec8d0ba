"""When a copy is looked after, as a table and over time."""

import pytest

from fedresolver.zone.upkeep import LEAST_REFRESH, LEAST_RETRY, MOST, NEXT, News, State, Times, Upkeep, times
from tests.support.zone_records import soa, zone_of

NEVER = {(State.LOADING, News.LAPSED), (State.EXPIRED, News.LAPSED)}


def soa_of(*numbers):
    return zone_of(soa(1, *numbers)).soa


def test_every_news_is_known_in_every_state_where_it_can_come():
    assert set(NEXT) == {(state, news) for state in State for news in News} - NEVER


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        pytest.param((3600, 600, 86400), Times(3600, 600, 86400), id="as written"),
        pytest.param((0, 0, 0), Times(LEAST_REFRESH, LEAST_RETRY, LEAST_REFRESH + LEAST_RETRY), id="nothing at all"),
        pytest.param((1, 1, 5), Times(10, 2, 12), id="too often"),
        pytest.param((100, 50, 60), Times(100, 50, 150), id="expires before it is looked after"),
        pytest.param((0x7FFFFFFF,) * 3, Times(MOST, MOST, 0x7FFFFFFF), id="never"),
    ],
)
def test_the_times_of_an_soa_have_bounds(numbers, expected):
    assert times(soa_of(*numbers)) == expected


@pytest.mark.parametrize(("draw", "due"), [(0.0, 3700), (0.5, 3250), (0.999, 2800.9)])
def test_a_zone_is_refreshed_in_time_and_not_all_at_once(draw, due):
    upkeep = Upkeep(0)
    upkeep.renewed(100, soa_of(3600, 600, 86400), draw)
    assert upkeep.due == pytest.approx(due)
    assert upkeep.expires == 86500


def test_it_is_tried_again_more_often_and_expires_all_the_same():
    upkeep = Upkeep(0)
    upkeep.renewed(0, soa_of(3600, 600, 86400), 0)
    upkeep.failed(3600, 0)
    assert (upkeep.state, upkeep.due, upkeep.expires) == (State.RETRYING, 4200, 86400)
    upkeep.lapsed()
    upkeep.failed(86500, 0)
    assert (upkeep.state, upkeep.due, upkeep.expires) == (State.EXPIRED, 87100, None)
    upkeep.renewed(87100, soa_of(3600, 600, 86400), 0)
    assert (upkeep.state, upkeep.due, upkeep.expires) == (State.FRESH, 90700, 173500)


def test_the_first_transfer_is_tried_again_with_a_growing_wait():
    upkeep, waits = Upkeep(0), []
    for _ in range(9):
        upkeep.failed(0, 1)
        waits.append(upkeep.due)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert upkeep.state is State.LOADING


def test_chance_never_makes_it_spin():
    upkeep = Upkeep(0)
    upkeep.failed(0, 0)
    assert upkeep.due == pytest.approx(0.1)


def test_nothing_lapses_that_is_not_there():
    with pytest.raises(KeyError):
        Upkeep(0).lapsed()
