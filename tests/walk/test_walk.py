"""The walk: where it ends, and why, for a pod of the member `c1` and for public names.

The federation `F`: c1 in north/oslo, c2 in north/bergen, c3 in south/rome, c4 nowhere in particular.
"""

import pytest

from fedresolver.model.rules import Rules
from fedresolver.walk.level import named
from fedresolver.walk.outcome import Hit, Local, NotReady, Nowhere, Unknown
from fedresolver.walk.reason import code, text
from fedresolver.walk.walk import missing_for_place, walk_from, walk_inside
from fedresolver.wire.const import Ede
from tests.support.world import key, places, world

CART = key("shop/cart")
F = "c1 in north/oslo\nc2 in north/bergen\nc3 in south/rome\nc4 in nowhere\n"
HEALTHY = "shop/cart up 10.0.0.1 lb 192.0.2.1"
DOWN = "shop/cart 0/3 10.0.0.1 lb 192.0.2.1"
NO_BALANCER = "shop/cart up 10.0.0.1"
GONE = "shop/cart up 10.0.0.1 lb 192.0.2.1 deleting"


def told(walk, now=0.0):
    """Return where a walk ends, who answers, and what the extended error says of it."""
    match walk.outcome:
        case Hit(shards=shards):
            who = " ".join(shard.member for shard in shards)
        case NotReady():
            who = "SERVFAIL"
        case Local() | Nowhere() | Unknown():
            who = type(walk.outcome).__name__.lower()
    return who, text(walk, now)


def inside(*lines, local="c1", federation=F, rules=None):
    return walk_inside(CART, world(federation + "\n".join(lines), rules or Rules(local=local)))


def outside(place, *lines, federation=F, rules=None):
    store = world(federation + "\n".join(lines), rules or Rules(local="c1"))
    return walk_from(named(tuple(place.split()), store.places), CART, store)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([f"c1 {HEALTHY}"], ("local", "local"), id="the local shard"),
        pytest.param([f"c1 {NO_BALANCER}"], ("local", "local"), id="the local shard needs no load balancer"),
        pytest.param([f"c1 {HEALTHY}", f"c2 {HEALTHY}"], ("local", "local"), id="whatever others have"),
        pytest.param(["c1 shop/cart draining 10.0.0.1"], ("local", "local"), id="the last endpoints still serve"),
        pytest.param(
            [f"c2 {HEALTHY}"],
            ("c2", "region north: local no shard, zone oslo no shard"),
            id="no local shard: the region",
        ),
        pytest.param(
            [f"c1 {DOWN}", f"c2 {HEALTHY}"],
            ("c2", "region north: local 0 of 3 ready, zone oslo no shard"),
            id="no local endpoint ready: the local shard is counted under local only",
        ),
        pytest.param(
            [f"c1 {GONE}", f"c2 {HEALTHY}"],
            ("c2", "region north: local deleting, zone oslo no shard"),
            id="the local shard is being deleted",
        ),
        pytest.param(
            ["c1 shop/cart none 10.0.0.1", f"c3 {HEALTHY}", f"c4 {HEALTHY}"],
            ("c3 c4", "global: local 0 of 0 ready, zone oslo no shard, region north no shard"),
            id="nothing in the region: everywhere, also who has no place",
        ),
        pytest.param(
            [f"c5 {HEALTHY}", f"c2 {HEALTHY}"],
            ("c5", "zone oslo: local no shard"),
            id="another member in the same topology zone comes first",
        ),
        pytest.param(
            [f"c5 {NO_BALANCER}", f"c2 {DOWN}", f"c3 {HEALTHY}"],
            ("c3", "global: local no shard, zone oslo no load balancer, region north no load balancer"),
            id="no load balancer comes closest to health",
        ),
        pytest.param(
            [f"c5 {GONE}", f"c2 {DOWN}", f"c3 {HEALTHY}"],
            ("c3", "global: local no shard, zone oslo deleting, region north 0 of 3 ready"),
            id="what is being deleted is not counted",
        ),
        pytest.param(
            [f"c1 {DOWN}", f"c2 {GONE}"],
            ("nowhere", "nowhere: local 0 of 3 ready, zone oslo no shard, region north deleting, global deleting"),
            id="healthy nowhere",
        ),
        pytest.param([], ("unknown", "nowhere: no shard"), id="known nowhere"),
        pytest.param(
            [f"c1 {NO_BALANCER.replace('10.0.0.1', '')}", f"c2 {HEALTHY}"],
            ("c2", "region north: local no cluster address, zone oslo no shard"),
            id="a local shard without an address in the cluster",
        ),
    ],
)
def test_from_inside(lines, expected):
    assert told(inside(*lines, federation=F + "c5 in north/oslo\n")) == expected


@pytest.mark.parametrize(
    ("local", "lines", "expected"),
    [
        pytest.param("", [f"c2 {HEALTHY}"], ("c2", "global"), id="no local member: the global name"),
        pytest.param("c9", [f"c2 {HEALTHY}"], ("c2", "global"), id="a local member that is not there"),
        pytest.param("c4", [f"c2 {HEALTHY}"], ("c2", "global: local no shard"), id="a local member without a place"),
        pytest.param("c4", [f"c4 {HEALTHY}"], ("local", "local"), id="its own shard is local all the same"),
        pytest.param("", [f"c2 {DOWN}"], ("nowhere", "nowhere: global 0 of 3 ready"), id="no local member, no health"),
    ],
)
def test_from_inside_without_a_place(local, lines, expected):
    assert told(inside(*lines, local=local)) == expected


@pytest.mark.parametrize(
    ("place", "lines", "expected"),
    [
        pytest.param("", [f"c1 {HEALTHY}", f"c4 {HEALTHY}"], ("c1 c4", "global"), id="everywhere"),
        pytest.param("north", [f"c1 {HEALTHY}", f"c3 {HEALTHY}"], ("c1", "region north"), id="a region"),
        pytest.param("oslo north", [f"c1 {HEALTHY}", f"c2 {HEALTHY}"], ("c1", "zone oslo"), id="a topology zone"),
        pytest.param("oslo", [f"c1 {HEALTHY}", f"c2 {HEALTHY}"], ("c1", "zone oslo"), id="its short name"),
        pytest.param("oslo north", [f"c2 {HEALTHY}"], ("c2", "region north: zone oslo no shard"), id="one level up"),
        pytest.param("oslo", [f"c2 {HEALTHY}"], ("c2", "region north: zone oslo no shard"), id="up from a short name"),
        pytest.param(
            "rome south",
            ["c3 shop/cart draining 10.0.0.1 lb 192.0.2.1", f"c4 {HEALTHY}"],
            ("c4", "global: zone rome 0 of 1 ready, region south 0 of 1 ready"),
            id="a shard whose endpoints only drain is not healthy for others",
        ),
        pytest.param(
            "north", [f"c3 {DOWN}"], ("nowhere", "nowhere: region north no shard, global 0 of 3 ready"), id="no"
        ),
        pytest.param("north", [], ("unknown", "nowhere: no shard"), id="known nowhere"),
        pytest.param("", ["c1 shop/cart none external a.b"], ("nowhere", "nowhere: global 0 of 0 ready"), id="a name"),
    ],
)
def test_public_names(place, lines, expected):
    assert told(outside(place, *lines)) == expected


def test_a_member_counts_in_all_of_its_places():
    federation = "c1 in north/oslo south/rome\n"
    for place in ("oslo north", "north", "rome south", "south", "rome", ""):
        assert told(outside(place, f"c1 {HEALTHY}", federation=federation))[0] == "c1"


def test_one_topology_zone_name_in_two_regions():
    federation = "c1 in north/oslo\nc2 in west/oslo\nc3 in west/lyon\n"
    lines = (f"c1 {HEALTHY}", f"c2 {HEALTHY}", f"c3 {HEALTHY}")
    found = {place: told(outside(place, *lines, federation=federation))[0] for place in ("oslo", "oslo west", "west")}
    assert found == {"oslo": "c1 c2", "oslo west": "c2", "west": "c2 c3"}


# Members that are stale, expired, or were never listed


@pytest.mark.parametrize(
    ("lines", "now", "expected"),
    [
        pytest.param([f"c1 {HEALTHY}", "c1 stale 100"], 147, "3 local; stale 40s c1", id="ours, rounded down to 10 s"),
        pytest.param([f"c1 {HEALTHY}", "c2 stale 0"], 99, "0 local", id="another's word was not used"),
        pytest.param(
            [f"c2 {HEALTHY}", "c2 stale 100"],
            109,
            "3 region north: local no shard, zone oslo no shard; stale 0s c2",
            id="the one that answers",
        ),
        pytest.param(
            [f"c2 {HEALTHY}", "c1 stale 80", "c2 stale 100"],
            120,
            "3 region north: local no shard, zone oslo no shard; stale 40s c1, 20s c2",
            id="several",
        ),
        pytest.param(
            [f"c3 {HEALTHY}", "c2 stale 0"],
            60,
            "3 global: local no shard, zone oslo no shard, region north no shard; stale 60s c2",
            id="that a level was passed is evidence too",
        ),
        pytest.param(
            [f"c2 {HEALTHY}", "c3 stale 0"],
            60,
            "0 region north: local no shard, zone oslo no shard",
            id="one at a wider level was not asked",
        ),
        pytest.param(["c3 stale 0"], 60, "19 nowhere: no shard; stale 60s c3", id="NXDOMAIN by old evidence"),
        pytest.param(
            [f"c1 {DOWN}", "c3 stale 0"],
            60,
            "19 nowhere: local 0 of 3 ready, zone oslo no shard, region north no shard, global no shard; stale 60s c3",
            id="healthy nowhere by old evidence",
        ),
    ],
)
def test_stale_evidence_is_told(lines, now, expected):
    walk = inside(*lines)
    exists = not isinstance(walk.outcome, Unknown | Nowhere)
    assert f"{int(code(walk, exists=exists))} {text(walk, now)}" == expected


def test_the_text_is_short_and_ascii():
    names = [f"member-with-a-long-näme-{number}" for number in range(9)]
    lines = [f"{name} in nowhere\n{name} shop/cart up 10.0.0.1 lb 192.0.2.1\n{name} stale 0" for name in names]
    found = text(inside(*lines), 60)
    assert len(found.encode("ascii")) == 160
    assert found.startswith(
        "global: local no shard, zone oslo no shard, region north no shard; stale 60s member-with-a-"
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([f"c2 {HEALTHY}"], ("SERVFAIL", "not listed yet: c1"), id="ours, though others are healthy"),
        pytest.param([], ("SERVFAIL", "not listed yet: c1"), id="ours, and nobody has it"),
    ],
)
def test_from_inside_while_the_local_member_is_not_listed(lines, expected):
    federation = "c1 unlisted\nc2 in north/bergen\n"
    assert told(inside(*lines, federation=federation)) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([f"c1 {HEALTHY}"], ("local", "local"), id="a healthy local shard depends on nobody"),
        pytest.param([f"c1 {DOWN}"], ("SERVFAIL", "not listed yet: c3"), id="it could be healthy there"),
        pytest.param([], ("SERVFAIL", "not listed yet: c3"), id="it could be known there"),
        pytest.param([f"c2 {HEALTHY}"], ("SERVFAIL", "not listed yet: c3"), id="it could be in our topology zone"),
    ],
)
def test_from_inside_while_a_member_of_unknown_place_is_not_listed(lines, expected):
    assert told(inside(*lines, federation="c1 in north/oslo\nc2 in north/bergen\nc3 unlisted\n")) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([f"c2 {HEALTHY}"], ("c2", "region north: local no shard, zone oslo no shard"), id="in between"),
        pytest.param(
            [f"c4 {HEALTHY}"],
            ("c4", "global: local no shard, zone oslo no shard, region north no shard"),
            id="everywhere, of the listed ones",
        ),
        pytest.param([f"c1 {DOWN}"], ("SERVFAIL", "not listed yet: c3"), id="healthy nowhere else"),
    ],
)
def test_from_inside_while_a_member_elsewhere_is_not_listed(lines, expected):
    rules = Rules(local="c1", places={"c3": places("south/rome")})
    federation = "c1 in north/oslo\nc2 in north/bergen\nc3 unlisted\nc4 in nowhere\n"
    assert told(inside(*lines, federation=federation, rules=rules)) == expected


@pytest.mark.parametrize(
    ("place", "lines", "expected"),
    [
        pytest.param("oslo north", [f"c1 {HEALTHY}"], "c1", id="a level with a healthy listed shard is answered"),
        pytest.param("", [f"c1 {HEALTHY}"], "c1", id="so is the global one, from the listed ones"),
        pytest.param("oslo north", [f"c2 {HEALTHY}"], "c2", id="who is not in the level does not count"),
        pytest.param("south", [f"c1 {HEALTHY}"], "SERVFAIL", id="who is in it does"),
        pytest.param("", [], "SERVFAIL", id="a Service that nobody listed has"),
        pytest.param("north", [f"c1 {DOWN}"], "SERVFAIL", id="at the end of the walk everybody counts"),
    ],
)
def test_public_names_while_a_member_is_not_listed(place, lines, expected):
    rules = Rules(places={"c3": places("south/rome")})
    federation = "c1 in north/oslo\nc2 in north/bergen\nc3 unlisted\n"
    assert told(outside(place, *lines, federation=federation, rules=rules))[0] == expected


def test_which_members_could_have_a_place_that_nobody_named():
    rules = Rules(places={"c3": places("south/rome")})
    store = world("c1 in north/oslo\nc2 unlisted\nc3 unlisted", rules)
    assert missing_for_place(store) == ("c2",)


def test_members_that_were_given_up_have_no_healthy_shard():
    store = world(
        "c1 unlisted\nc2 in north/bergen\nc3 unlisted\nc2 shop/cart up 10.0.0.1 lb 192.0.2.1", Rules(local="c1")
    )
    assert told(walk_inside(CART, store)) == ("SERVFAIL", "not listed yet: c1")
    store.give_up_waiting()
    assert told(walk_inside(CART, store)) == ("c2", "global: local not listed")
    assert told(walk_inside(key("shop/other"), store)) == ("unknown", "nowhere: no shard")


@pytest.mark.parametrize(
    ("walk", "exists", "expected"),
    [
        pytest.param(inside(f"c1 {HEALTHY}"), True, Ede.OTHER, id="fresh"),
        pytest.param(inside(), False, Ede.OTHER, id="fresh NXDOMAIN"),
        pytest.param(inside(f"c1 {HEALTHY}", "c1 stale 0"), True, Ede.STALE_ANSWER, id="stale"),
        pytest.param(inside("c1 stale 0"), False, Ede.STALE_NXDOMAIN, id="stale NXDOMAIN"),
        pytest.param(inside(federation="c1 unlisted\n"), True, Ede.NOT_READY, id="not listed yet"),
    ],
)
def test_codes(walk, exists, expected):
    assert code(walk, exists=exists) is expected
