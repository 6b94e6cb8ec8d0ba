"""The journal: bounded, and the past told from it is the one that was."""

import random

from fedresolver.model.journal import Journal, OfMember, OfShards
from fedresolver.model.past import Past
from fedresolver.model.rules import Rules
from fedresolver.plugins.federation.chronicle import Chronicle
from fedresolver.walk.walk import walk_inside
from tests.support.world import events, key, resolved, world

CART = key("shop/cart")
MEMBERS = ("c1", "c2", "c3")
LINES = (
    "shop/cart up 10.0.0.1 lb 192.0.2.1",
    "shop/cart 1/2 10.0.0.2 lb 192.0.2.2",
    "shop/cart down 10.0.0.1",
    "shop/cart gone",
    "shop/cart slice s 10.1.0.1",
    "shop/pay slice s 10.1.0.1",
    "shop/cart slice s gone",
    "shop/cart up 10.0.0.1 lb elb.example.net",
    "shop/cart doubtful",
    "stale 0",
    "expired",
    "listed",
    "leaves",
    "unlisted",
    "in north/oslo",
    "node node-0 north/bergen",
)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def state(view):
    """Return what a walk reads of a view."""
    walk = walk_inside(CART, view)
    ended = (walk.outcome, walk.passed, walk.reasons, set(walk.stale))
    return dict(view.members), view.shards(CART), view.places, view.local, view.home, ended


def test_the_past_is_what_it_was():
    chance = random.Random(7)
    for _ in range(60):
        store, clock = world("c1 in north/oslo\nc2 in south/rome", Rules(local="c1")), Clock()
        chronicle, states = Chronicle(store, clock), []
        for moment in range(40):
            states.append((moment + 0.5, state(store)))
            clock.now = moment + 1.0
            text = f"{chance.choice(MEMBERS)} {chance.choice(LINES)}"
            if chance.random() < 0.1:
                batch = resolved(f"= elb.example.net 60 198.51.100.{moment}")
                with chronicle.resolved(batch):
                    store.resolve(batch)
                continue
            said = events(text)
            if "expired" in text and said[0].member not in [
                one.name for one in store.members.values() if one.phase.value == "stale"
            ]:
                continue
            with chronicle.told(said):
                store.feed(said)
        for at, then in states:
            past = Past(store, chronicle.journal.after(at), "c1")
            assert state(past) == then, f"at {at}"


def test_the_oldest_are_forgotten_and_it_says_so():
    journal = Journal(5.0, most=4000)
    for number in range(100):
        journal.add(OfMember(10.0 + number, f"c{number}", None, None))
    kept = [entry.name for _, entry in journal.since(0)]
    assert (kept[-1], len(kept)) == ("c99", 4000 // 512)
    assert journal.begins == 10.0 + 99 - len(kept)
    assert [number for number, _ in journal.since(98)] == [98, 99]


def test_what_came_after_a_moment():
    journal = Journal(0.0)
    for number in range(5):
        journal.add(OfShards(float(number), CART, (), ()))
    assert [entry.at for entry in journal.after(2.0)] == [3.0, 4.0]
    assert journal.after(4.0) == ()


def test_an_entry_that_is_too_large_leaves_nothing_behind():
    store = world("c1 in north/oslo\nc1 shop/cart up 10.0.0.1")
    shard = store.shards(CART)[0]
    journal = Journal(0.0, most=1000)
    journal.add(OfShards(1.0, CART, (shard,) * 10, ()))
    assert (list(journal.since(0)), journal.begins) == ([], 1.0)
