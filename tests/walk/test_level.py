"""Levels: what their names mean in a federation, and what is above them."""

import pytest

from fedresolver.model.place import Place
from fedresolver.walk.level import EVERYWHERE, Level, level_of, named, upwards
from tests.support.world import places

FEDERATION = places("north/oslo north/bergen south/rome south/north west/oslo east")


def text(level):
    return "none" if level is None else level.text() + (f" in {level.region}" * bool(level.topology_zone))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        pytest.param("", "global", id="no label"),
        pytest.param("south", "region south", id="a region"),
        pytest.param("rome", "zone rome in ", id="the short name of a topology zone"),
        pytest.param("rome south", "zone rome in south", id="its long name"),
        pytest.param("rome north", "none", id="a topology zone in a region that does not have it"),
        pytest.param("south rome", "none", id="the other way round"),
        pytest.param("north", "region north", id="a topology zone called like a region leaves the short name to it"),
        pytest.param("north south", "zone north in south", id="and has its long name"),
        pytest.param("oslo", "zone oslo in ", id="one topology zone name in two regions"),
        pytest.param("oslo west", "zone oslo in west", id="each has its long name"),
        pytest.param("east", "region east", id="a region without topology zones"),
        pytest.param("lima", "none", id="a place that nobody is in"),
        pytest.param("oslo lima", "none", id="in a region that nobody is in"),
        pytest.param("east east", "none", id="a topology zone that nobody named"),
    ],
)
def test_what_labels_name(labels, expected):
    assert text(named(tuple(labels.split()), FEDERATION)) == expected


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        pytest.param(Level("north", "oslo"), ["zone oslo in north", "region north", "global"], id="a topology zone"),
        pytest.param(Level("north"), ["region north", "global"], id="a region"),
        pytest.param(EVERYWHERE, ["global"], id="everywhere"),
        pytest.param(Level("", "rome"), ["zone rome in ", "region south", "global"], id="a short name"),
        pytest.param(Level("", "oslo"), ["zone oslo in ", "region north", "global"], id="the first of two regions"),
    ],
)
def test_what_is_above(level, expected):
    assert [text(one) for one in upwards(level, FEDERATION)] == expected


@pytest.mark.parametrize(
    ("level", "covered"),
    [
        pytest.param(EVERYWHERE, "north/oslo north/bergen south/rome south/north west/oslo east", id="everywhere"),
        pytest.param(Level("north"), "north/oslo north/bergen", id="a region"),
        pytest.param(Level("north", "oslo"), "north/oslo", id="a topology zone"),
        pytest.param(Level("", "oslo"), "north/oslo west/oslo", id="a short name covers both"),
    ],
)
def test_which_places_lie_in_a_level(level, covered):
    assert tuple(place for place in FEDERATION if level.covers(place)) == places(covered)


def test_a_member_without_a_place_is_everywhere_and_nowhere_in_particular():
    assert EVERYWHERE.covers_any(())
    assert not Level("north").covers_any(())


def test_the_narrowest_level_of_a_place():
    assert level_of(None) == EVERYWHERE
    assert level_of(Place("east")) == Level("east")
    assert level_of(Place("north", "oslo")) == Level("north", "oslo")


def test_labels_stand_from_narrow_to_wide():
    assert Level("north", "oslo").labels() == b"\4oslo\5north"
    assert (Level("north").labels(), EVERYWHERE.labels()) == (b"\5north", b"")
