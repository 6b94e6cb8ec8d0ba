"""How far a walk went, as it is counted.

The federation: c1, which is local, in north/oslo, c2 in north/bergen, c3 in south/rome, c4 nowhere in particular.
"""

import pytest

from fedresolver.model.rules import Rules
from fedresolver.walk.level import named
from fedresolver.walk.reach import fell_back, reached
from fedresolver.walk.walk import walk_from, walk_inside
from tests.support.world import key, world

CART = key("shop/cart")
F = "c1 in north/oslo\nc2 in north/bergen\nc3 in south/rome\nc4 in nowhere\n"
UP = "shop/cart up 10.0.0.1 lb 192.0.2.1"
DOWN = "shop/cart 0/3 10.0.0.1 lb 192.0.2.1"


def counted(walk, view):
    return reached(walk), fell_back(walk, CART, view)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([f"c1 {UP}", f"c2 {UP}"], ("local", False), id="the local shard"),
        pytest.param([f"c2 {UP}"], ("region", False), id="what is not there at all is no fallback"),
        pytest.param([f"c3 {UP}"], ("global", False), id="nor what is in another region only"),
        pytest.param([f"c1 {DOWN}", f"c2 {UP}"], ("region", True), id="the local one is there and not ready"),
        pytest.param([f"c1 {DOWN}", f"c4 {UP}"], ("global", True), id="and nobody else in the region"),
        pytest.param([f"c2 {DOWN}", f"c3 {UP}"], ("global", True), id="somebody in the region is not ready"),
        pytest.param([f"c2 {UP}", f"c3 {DOWN}"], ("region", False), id="farther ones that are not ready do not matter"),
        pytest.param([f"c1 {DOWN}", f"c3 {DOWN}"], ("nowhere", True), id="healthy nowhere"),
        pytest.param([], ("nowhere", False), id="no such Service"),
    ],
)
def test_from_inside(lines, expected):
    view = world(F + "\n".join(lines), Rules(local="c1"))
    assert counted(walk_inside(CART, view), view) == expected


@pytest.mark.parametrize(
    ("place", "lines", "expected"),
    [
        pytest.param("oslo north", [f"c1 {UP}"], ("zone", False), id="in the zone that was asked for"),
        pytest.param("oslo north", [f"c1 {DOWN}", f"c2 {UP}"], ("region", True), id="the zone has it, and not healthy"),
        pytest.param("oslo north", [f"c2 {UP}"], ("region", False), id="the zone does not have it"),
        pytest.param("north", [f"c1 {DOWN}", f"c3 {UP}"], ("global", True), id="the region has it, and not healthy"),
        pytest.param("", [f"c1 {DOWN}", f"c3 {UP}"], ("global", False), id="nothing is nearer than everywhere"),
    ],
)
def test_from_a_place(place, lines, expected):
    view = world(F + "\n".join(lines), Rules(local="c1"))
    assert counted(walk_from(named(tuple(place.split()), view.places), CART, view), view) == expected


def test_a_member_that_was_never_listed():
    view = world("c1 in north/oslo\nc2 unlisted\n", Rules(local="c1"))
    assert counted(walk_inside(CART, view), view) == ("not_ready", False)
