"""The store: events of the members in, the view that answers are made from out."""

import pytest

from fedresolver.model.place import Place
from fedresolver.model.rules import Rules, Select
from fedresolver.model.selector import parse as parse_selector
from fedresolver.model.service import key_text, label
from fedresolver.model.store import Store
from tests.support.world import FEDERATION, events, key, places, resolved, tell, world

CART = key("shop/cart")


def known(store):
    """Return every Service with the members that have it: `shop/cart: c1 c2`."""
    return {key_text(one): " ".join(shard.member for shard in store.shards(one)) for one in store.keys}


def phases(store):
    return {name: member.phase.value for name, member in store.members.items()}


def recorded(text="", rules=None):
    """Return a store, and the list of changes that it tells from now on."""
    changes = []
    store = world(text, rules, changes.append)
    changes.clear()
    return store, changes


# Services and shards


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("c1 in nowhere\nc1 shop/cart up 10.0.0.1", {"shop/cart": "c1"}, id="one shard"),
        pytest.param(
            "c2 in nowhere\nc1 in nowhere\nc2 shop/cart up 10.0.0.1\nc1 shop/cart up 10.0.0.1",
            {"shop/cart": "c1 c2"},
            id="shards stand in order of the members' names",
        ),
        pytest.param("c1 in nowhere\nc1 shop/cart none", {"shop/cart": "c1"}, id="known whatever its health"),
        pytest.param(
            "c1 in nowhere\nc1 shop/cart none external a.b", {"shop/cart": "c1"}, id="known whatever its type"
        ),
        pytest.param("c1 in nowhere\nc1 shop/cart slice a 10.1.0.1", {}, id="a slice alone is no Service"),
        pytest.param("c1 shop/cart up 10.0.0.1", {}, id="what a stranger says does not count"),
        pytest.param(
            "c1 in nowhere\nc1 shop/cart up 10.0.0.1\nc1 shop/cart gone", {}, id="put and removed in one batch"
        ),
        pytest.param(
            "c1 in nowhere\nc1 shop/cart up 10.0.0.1\nc1 leaves\nc1 in nowhere\nc1 shop/db up 10.0.0.2",
            {"shop/db": "c1"},
            id="a member that left and came back has nothing of before",
        ),
    ],
)
def test_known_services(text, expected):
    assert known(world(text)) == expected


def test_it_does_not_matter_in_which_order_a_batch_tells():
    lines = (
        "c1 shop/cart up 10.0.0.1\nc1 shop/cart slice b 10.1.0.1!down\nc1 node n1 north/oslo\nc1 listed".splitlines()
    )
    forwards, backwards = world("c1 unlisted"), world("c1 unlisted")
    tell(forwards, "\n".join(lines))
    tell(backwards, "\n".join(reversed(lines)))
    assert forwards.shards(CART) == backwards.shards(CART)
    assert forwards.shards(CART)[0].total == 2
    assert forwards.members == backwards.members


def test_only_the_shard_that_is_told_of_is_made_anew():
    store = world("c1 in nowhere\nc2 in nowhere\nc1 shop/cart up 10.0.0.1\nc2 shop/cart up 10.0.0.2")
    before = store.shards(CART)
    tell(store, "c2 shop/cart down 10.0.0.2")
    after = store.shards(CART)
    assert after[0] is before[0]
    assert [shard.ready for shard in after] == [1, 0]
    assert store.shards(CART) is after


def test_a_batch_shows_at_once():
    seen = []
    store = Store(FEDERATION, Rules(), lambda change: seen.append((known(store), store.places)))
    store.feed(events("c1 in north/oslo\nc1 shop/cart up 10.0.0.1\nc1 shop/db up 10.0.0.2"))
    assert seen == [({"shop/cart": "c1", "shop/db": "c1"}, frozenset(places("north/oslo")))]


def test_a_service_that_an_unlisted_member_told_first_comes_when_a_listed_one_has_it():
    store, changes = recorded("c1 unlisted\nc2 in nowhere")
    tell(store, "c1 shop/cart up 10.0.0.1")
    assert (known(store), changes) == ({}, [])
    tell(store, "c2 shop/cart up 10.0.0.2")
    assert known(store) == {"shop/cart": "c2"}
    assert [change.names for change in changes] == [True]
    tell(store, "c1 listed")
    assert known(store) == {"shop/cart": "c1 c2"}
    assert changes[-1].world


def test_a_list_that_is_told_again_leaves_no_moment_without_the_name():
    store = world("c1 in nowhere\nc1 shop/cart up 10.0.0.1 lb 192.0.2.1")
    before = store.shards(CART)
    tell(store, "c1 stale 10")
    assert store.shards(CART) == before
    tell(store, "c1 shop/cart up 10.0.0.1 lb 192.0.2.1\nc1 listed")
    assert store.shards(CART) == before
    assert phases(store) == {"c1": "synced"}


def test_a_slice_that_moves_to_another_service_changes_both():
    store = world("c1 in nowhere\nc1 shop/cart as 10.0.0.1\nc1 shop/db as 10.0.0.2\nc1 shop/cart slice a 10.1.0.1")
    moved = events("c1 shop/db slice a 10.1.0.1")
    store.feed(moved)
    assert [store.shards(key(name))[0].total for name in ("shop/cart", "shop/db")] == [0, 1]


def test_slices_of_one_name_in_two_namespaces_do_not_meet():
    store = world(
        "c1 in nowhere\nc1 shop/cart as 10.0.0.1\nc1 bank/cart as 10.0.0.2\n"
        "c1 shop/cart slice a 10.1.0.1\nc1 bank/cart slice a 10.1.0.2\nc1 shop/cart slice a gone"
    )
    assert [store.shards(key(name))[0].total for name in ("shop/cart", "bank/cart")] == [0, 1]


def test_namespaces_exist_while_they_have_a_service():
    store = world("c1 in nowhere\nc2 in nowhere\nc1 shop/cart none\nc2 shop/cart none\nc2 shop/db none")
    seen = []
    for line in ("c1 shop/cart gone", "c2 shop/cart gone", "c2 shop/db gone"):
        tell(store, line)
        seen.append(store.has_namespace(label("shop")))
    assert seen == [True, True, False]


@pytest.mark.parametrize(
    "last",
    [
        pytest.param("c1 shop/cart gone\nc1 shop/cart slice b gone\nc1 namespace shop gone", id="all objects removed"),
        pytest.param("c1 leaves", id="the member has left"),
    ],
)
def test_nothing_is_left_of_what_is_gone(last):
    rules = Rules(local="c1", node="node-0")
    store = world("c1 in north/oslo", rules)
    tell(
        store,
        "c1 shop/cart up 10.0.0.1\nc1 shop/cart slice b 10.1.0.1\nc1 namespace shop\nc1 export shop/cart\nc1 stale 1",
    )
    tell(store, f"{last}\nc1 export shop/cart gone\nc1 node node-0 gone\nc1 leaves")
    empty = world("")
    assert _contents(store) == _contents(empty)


def test_nothing_is_left_in_a_member_of_what_is_gone():
    store = world("c1 in nowhere")
    before = _contents(store)
    tell(store, "c1 shop/cart up 10.0.0.1\nc1 shop/cart slice b 10.1.0.1\nc1 namespace shop\nc1 export shop/cart")
    assert _contents(store) != before
    tell(store, "c1 shop/cart gone\nc1 shop/cart slice b gone\nc1 namespace shop gone\nc1 export shop/cart gone")
    assert _contents(store) == before


def _contents(thing):
    """Return everything that `thing` holds, through all of its attributes, as text."""
    if isinstance(thing, dict):
        return {str(one): _contents(value) for one, value in thing.items()}
    if hasattr(thing, "__dict__") and not callable(thing):
        return {name: _contents(value) for name, value in vars(thing).items() if name not in ("_changed", "_rules")}
    return str(thing)


# What is told of a change


@pytest.mark.parametrize(
    ("line", "keys", "names", "world_"),
    [
        pytest.param("c1 shop/cart down 10.0.0.1", ["shop/cart"], False, False, id="health"),
        pytest.param("c1 shop/cart slice z 10.1.0.9", ["shop/cart"], False, False, id="endpoints"),
        pytest.param("c1 shop/new up 10.0.0.1", ["shop/new"], True, False, id="a Service came"),
        pytest.param("c1 shop/cart gone", ["shop/cart"], True, False, id="a Service went"),
        pytest.param("c2 shop/cart up 10.0.0.1", ["shop/cart"], False, False, id="a second shard"),
        pytest.param("c1 stale 5", [], False, True, id="a member turned stale"),
        pytest.param("c3 unlisted", [], False, True, id="a member joined"),
        pytest.param("c1 leaves", ["shop/cart"], True, True, id="a member left"),
        pytest.param("c1 node n9 south/rome", [], False, True, id="a new place"),
        pytest.param("c1 namespace myfederation", [], False, True, id="a collision"),
        pytest.param(
            "c1 myfederation/nginx up 10.0.0.1", ["myfederation/nginx"], True, True, id="a Service that makes one"
        ),
    ],
)
def test_what_is_told_of_a_change(line, keys, names, world_):
    store, changes = recorded("c1 in north/oslo\nc2 in nowhere\nc1 shop/cart up 10.0.0.1", Rules(local="c1"))
    tell(store, line)
    (change,) = changes
    assert (change.keys, change.names, change.world) == (frozenset(map(key, keys)), names, world_)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("c1 node n9 north/oslo", id="a Node where others are"),
        pytest.param("c1 namespace shop", id="a Namespace that collides with nothing"),
        pytest.param("c1 listed", id="a member that is synced already"),
        pytest.param("c9 shop/cart up 10.0.0.1", id="a stranger's word"),
    ],
)
def test_what_changes_no_answer_is_not_told(line):
    store, changes = recorded("c1 in north/oslo", Rules(local="c1"))
    tell(store, line)
    assert changes == []


@pytest.mark.parametrize("line", ["c1 myfederation/b up 10.0.0.1", "c1 myfederation/a slice x 10.1.0.1"])
def test_any_change_in_a_local_namespace_called_like_the_federation_may_change_every_answer(line):
    rules = Rules(local="c1", select=Select.LABELS, selector=parse_selector("app"))
    store, changes = recorded("c1 in nowhere\nc1 myfederation/a up 10.0.0.1", rules)
    tell(store, line)
    assert [change.world for change in changes] == [True]


# Members


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("c1 unlisted", "pending", id="joined"),
        pytest.param("c1 in nowhere", "synced", id="listed"),
        pytest.param("c1 in nowhere\nc1 stale 5", "stale", id="not heard any more"),
        pytest.param("c1 in nowhere\nc1 stale 5\nc1 listed", "synced", id="heard again"),
        pytest.param("c1 unlisted\nc1 stale 5", "pending", id="never listed is not stale"),
        pytest.param("c1 unlisted\nc1 failed no route", "pending", id="failed before it was listed"),
        pytest.param("c1 in nowhere\nc1 failed no route", "synced", id="failed after it was listed"),
        pytest.param("c1 in nowhere\nc1 leaves\nc1 unlisted", "pending", id="left and joined again"),
    ],
)
def test_phases(text, expected):
    assert phases(world(text)) == {"c1": expected}


def test_since_when_a_member_is_stale():
    store = world("c1 in nowhere\nc1 stale 5")
    assert store.members["c1"].since == 5.0


def test_why_a_member_could_not_be_listed_is_kept_until_it_is():
    store = world("c1 unlisted\nc1 failed no route")
    assert store.members["c1"].failed == "no route"
    tell(store, "c1 listed")
    assert store.members["c1"].failed == ""


def test_members_of_the_start_are_waited_for_until_they_are_listed_or_given_up():
    store = world("c1 unlisted\nc2 in nowhere")
    assert [member.name for member in store.pending] == ["c1"]
    store.give_up_waiting()
    assert (store.pending, phases(store)) == ((), {"c1": "expired", "c2": "synced"})
    tell(store, "c1 stale 9")
    assert phases(store)["c1"] == "expired"
    tell(store, "c1 listed")
    assert phases(store)["c1"] == "synced"


@pytest.mark.parametrize("given_up", [False, True])
def test_a_member_that_joins_later_is_never_waited_for(given_up):
    store = world("c1 in nowhere")
    if given_up:
        store.give_up_waiting()
    tell(store, "c2 unlisted")
    assert (store.pending, phases(store)["c2"]) == ((), "expired")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", True, id="no member"),
        pytest.param("c1 in nowhere", True, id="all are synced"),
        pytest.param("c1 in nowhere\nc2 unlisted", False, id="one was never listed"),
        pytest.param("c1 in nowhere\nc1 stale 1", False, id="one is stale"),
    ],
)
def test_when_what_is_not_here_is_certainly_nowhere(text, expected):
    assert world(text).certain is expected


# Places


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("c1 in north/oslo", "north/oslo", id="one Node"),
        pytest.param("c1 in north/oslo north/bergen north/oslo", "north/bergen north/oslo", id="several, by name"),
        pytest.param("c1 in south/oslo north/oslo", "north/oslo south/oslo", id="two regions"),
        pytest.param("c1 in north", "north", id="a region alone"),
        pytest.param("c1 in nowhere", "", id="no labels"),
        pytest.param("c1 in north/oslo\nc1 node n1 nowhere", "north/oslo", id="one Node without labels harms nobody"),
        pytest.param("c1 in north/oslo\nc1 node node-0 gone", "", id="the last Node is gone"),
        pytest.param("c1 in north/oslo\nc1 node node-0 north/bergen", "north/bergen", id="a Node has moved"),
        pytest.param("c1 in north/oslo\nc1 stale 5", "north/oslo", id="a stale member stays where it was"),
    ],
)
def test_places_by_nodes(text, expected):
    store = world(text)
    assert store.members["c1"].places == places(expected)
    assert store.places == frozenset(places(expected))


def test_configured_places_override_nodes_and_are_known_before_the_member_is_listed():
    rules = Rules(places={"c1": places("west/lyon east/riga")})
    store = world("c1 unlisted", rules)
    assert (store.members["c1"].places, store.members["c1"].placed) == (places("west/lyon east/riga"), True)
    tell(store, "c1 in north/oslo")
    assert store.members["c1"].places == places("west/lyon east/riga")


def test_an_unlisted_member_without_configured_places_is_nowhere_yet():
    assert not world("c1 unlisted").members["c1"].placed


@pytest.mark.parametrize(
    ("text", "rules", "expected"),
    [
        pytest.param("c1 in north/oslo", Rules(), None, id="no local member"),
        pytest.param("c1 in north/oslo", Rules(local="c9"), None, id="a local member that is not there"),
        pytest.param("c1 in north/oslo north/bergen", Rules(local="c1"), "north/bergen", id="the first by name"),
        pytest.param("c1 in north/oslo north/bergen", Rules(local="c1", node="node-0"), "north/oslo", id="our Node's"),
        pytest.param(
            "c1 in north/oslo\nc1 node n nowhere", Rules(local="c1", node="n"), "north/oslo", id="not labelled"
        ),
        pytest.param("c1 in nowhere", Rules(local="c1"), None, id="nowhere"),
        pytest.param(
            "c1 in north/oslo",
            Rules(local="c1", places={"c1": places("west/lyon west/brest")}),
            "west/lyon",
            id="the first that is configured",
        ),
        pytest.param(
            "c1 in north/oslo west/brest",
            Rules(local="c1", node="node-1", places={"c1": places("west/lyon west/brest")}),
            "west/brest",
            id="our Node's where that is configured",
        ),
        pytest.param(
            "c1 in north/oslo",
            Rules(local="c1", node="node-0", places={"c1": places("west/lyon")}),
            "west/lyon",
            id="not our Node's where it is not configured",
        ),
        pytest.param(
            "c1 in north/oslo\nc2 in a/b", Rules(local="c1", node="n"), "north/oslo", id="of us, not of others"
        ),
    ],
)
def test_home(text, rules, expected):
    assert world(text, rules).home == (None if expected is None else Place(*expected.split("/")))


# Who may speak for what


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param(Rules(), "shop/cart shop/db bank/vault", id="all"),
        pytest.param(Rules(select=Select.EXPORTED), "shop/db", id="exported"),
        pytest.param(Rules(select=Select.LABELS, selector=parse_selector("tier=front")), "shop/cart", id="by label"),
        pytest.param(Rules(speaks_for={"c1": ("shop",)}), "shop/cart shop/db", id="one namespace"),
        pytest.param(Rules(speaks_for={"c1": ("b*", "x")}), "bank/vault", id="a pattern"),
        pytest.param(Rules(speaks_for={"c1": ()}), "", id="none"),
        pytest.param(Rules(speaks_for={"c2": ()}), "shop/cart shop/db bank/vault", id="another member's restriction"),
    ],
)
def test_which_services_are_federated(rules, expected):
    store = world(
        "c1 in nowhere\nc1 shop/cart none label tier=front\nc1 shop/db none label tier=back\nc1 bank/vault none\n"
        "c1 export shop/db",
        rules,
    )
    assert sorted(known(store)) == sorted(expected.split())


def test_selection_is_decided_per_member_and_follows_changes():
    store = world("c1 in nowhere\nc2 in nowhere\nc1 shop/cart none\nc2 shop/cart none", Rules(select=Select.EXPORTED))
    seen = [known(store)]
    for line in ("c2 export shop/cart", "c1 export shop/cart", "c2 export shop/cart gone", "c1 shop/cart gone"):
        tell(store, line)
        seen.append(known(store))
    assert seen == [{}, {"shop/cart": "c2"}, {"shop/cart": "c1 c2"}, {"shop/cart": "c1"}, {}]


def test_the_local_members_own_services_are_known_whether_they_are_federated_or_not():
    store = world(
        "c1 in nowhere\nc2 in nowhere\nc1 shop/cart up 10.0.0.1\nc2 shop/db none",
        Rules(local="c1", select=Select.EXPORTED),
    )
    assert store.local_shard(CART).cluster_ips == (b"\x0a\0\0\1",)
    assert store.local_shard(key("shop/db")) is None
    assert world("c1 in nowhere\nc1 shop/cart none").local_shard(CART) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("c1 namespace shop", True, id="as an object"),
        pytest.param("c1 shop/cart none", True, id="by a Service"),
        pytest.param("c2 namespace shop\nc2 shop/cart none", False, id="another member's"),
        pytest.param("c1 namespace shop\nc1 namespace shop gone", False, id="removed"),
        pytest.param("c1 shop/cart none\nc1 shop/cart gone", False, id="its last Service removed"),
        pytest.param("c1 shop/a none\nc1 shop/b none\nc1 shop/a gone", True, id="one of two Services removed"),
        pytest.param("c1 shop/a none\nc1 shop/a none\nc1 shop/a gone", False, id="a Service told twice is one"),
    ],
)
def test_namespaces_of_the_local_member(text, expected):
    store = world(f"c1 in nowhere\nc2 in nowhere\n{text}", Rules(local="c1"))
    assert store.local_namespace(label("shop")) is expected


# Host names of load balancers


def named(rules=None):
    """Return a store, and the list of the host names that it tells to have come (`+`) or gone (`-`)."""
    told = []
    store = Store(
        FEDERATION,
        rules or Rules(),
        lambda change: None,
        lambda come, gone: told.extend(
            [*(f"+{name} {member}" for name, member in come.items()), *(f"-{name}" for name in gone)]
        ),
    )
    return store, told


@pytest.mark.parametrize(
    ("batches", "rules", "expected"),
    [
        pytest.param(("c1 shop/cart up 10.0.0.1 lb a.x b.x",), None, ["+a.x c1 +b.x c1"], id="new ones"),
        pytest.param(("c1 shop/cart up 10.0.0.1 lb a.x a.x",), None, ["+a.x c1"], id="twice in one shard is once"),
        pytest.param(
            ("c1 shop/cart up 10.0.0.1 lb a.x", "c2 shop/cart up 10.0.0.1 lb a.x"),
            None,
            ["+a.x c1", ""],
            id="one that another shard has, too",
        ),
        pytest.param(
            ("c1 shop/cart up 10.0.0.1 lb a.x", "c1 shop/cart down 10.0.0.1 lb a.x"),
            None,
            ["+a.x c1", ""],
            id="one that stays",
        ),
        pytest.param(
            ("c1 shop/cart up 10.0.0.1 lb a.x a.x", "c1 shop/cart up 10.0.0.1 lb b.x"),
            None,
            ["+a.x c1", "+b.x c1 -a.x"],
            id="one in place of another",
        ),
        pytest.param(
            ("c1 shop/cart up 10.0.0.1 lb a.x\nc2 shop/cart up 10.0.0.1 lb a.x", "c1 leaves", "c2 shop/cart gone"),
            None,
            ["+a.x c1", "", "-a.x"],
            id="the last that has it goes",
        ),
        pytest.param(
            ("c1 shop/cart up 10.0.0.1 lb a.x\nc1 shop/cart gone",), None, [""], id="come and gone in one batch"
        ),
        pytest.param(
            ("c1 shop/cart up 10.0.0.1 lb a.x", "c1 shop/cart gone\nc2 shop/cart up 10.0.0.1 lb a.x"),
            None,
            ["+a.x c1", ""],
            id="moved in one batch",
        ),
        pytest.param(
            ("c1 shop/cart up 10.0.0.1 lb a.x",), Rules(speaks_for={"c1": ("web",)}), [""], id="not the member's to say"
        ),
        pytest.param(
            ("c1 shop/cart up 10.0.0.1 lb a.x", "c1 export shop/cart", "c1 export shop/cart gone"),
            Rules(select=Select.EXPORTED),
            ["", "+a.x c1", "-a.x"],
            id="only of federated Services",
        ),
        pytest.param(
            ("c3 unlisted\nc3 shop/cart up 10.0.0.1 lb a.x",), None, ["+a.x c3"], id="of a member that is not listed"
        ),
    ],
)
def test_host_names_that_are_to_be_resolved(batches, rules, expected):
    store, told = named(rules)
    store.feed(events("c1 in nowhere\nc2 in nowhere"))
    found = []
    for batch in batches:
        store.feed(events(batch))
        found.append(" ".join(told))
        told.clear()
    assert found == expected


def test_where_a_host_name_leads_to_changes_the_services_that_have_it():
    store, changes = recorded(
        "c1 in nowhere\nc2 in nowhere\nc1 shop/cart up 10.0.0.1 lb a.x\nc2 shop/db up 10.0.0.1 lb a.x\n"
        "c2 shop/web up 10.0.0.1 lb b.x"
    )
    touched = store.resolve(resolved("= a.x 60 192.0.2.1"))
    assert sorted(touched) == [("c1", CART), ("c2", key("shop/db"))]
    assert [(sorted(map(key_text, change.keys)), change.names, change.world) for change in changes] == [
        (["shop/cart", "shop/db"], False, False)
    ]
    (cart,) = store.shards(CART)
    assert cart.balancer.addresses == (b"\xc0\x00\x02\x01",)


@pytest.mark.parametrize(
    "again", [pytest.param("= a.x 60 192.0.2.1", id="as before"), pytest.param("= c.x 60 192.0.2.1", id="nobody's")]
)
def test_a_resolution_that_is_no_news_changes_nothing(again):
    store, changes = recorded("c1 in nowhere\nc1 shop/cart up 10.0.0.1 lb a.x\n= a.x 60 192.0.2.1")
    assert (store.resolve(resolved(again)), changes) == (set(), [])


def test_where_a_host_name_led_to_is_forgotten_with_it():
    store = world("c1 in nowhere\nc1 shop/cart up 10.0.0.1 lb a.x\n= a.x 60 192.0.2.1")
    tell(store, "c1 shop/cart gone")
    assert list(store.hostnames) == []
    tell(store, "c1 shop/cart up 10.0.0.1 lb a.x")
    (cart,) = store.shards(CART)
    assert cart.balancer.unresolved == ("a.x",)
