"""Entries of several kinds under one index: found in one look-up, and never one that is not there."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fedresolver.upstream.memory.entry import USUAL, Entry
from fedresolver.upstream.memory.lifetime import Kind
from fedresolver.upstream.memory.store import Store
from tests.support.foreign import reply

CAPACITY = 2
KEYS = st.sampled_from([b"a", b"b", b"c", b"d"])
KINDS = st.sampled_from(Kind)
USUAL_REPLY = reply("www.example.org 5 A 192.0.2.1")
LARGE_REPLY = reply("www.example.org 5 TXT " + "|".join(["x" * 250] * (USUAL // 250)))


def test_what_was_not_used_for_the_longest_time_goes():
    evicted, index = [], {}
    store = Store(2, lambda: 0.0, index, evicted.append)
    entries = [Entry(key, Kind.SUCCESS, (USUAL_REPLY, USUAL_REPLY), 0.0, 5) for key in (b"a", b"b", b"c")]
    for entry in entries:
        store.put(entry)
        store.use(entries[0])
    assert set(store) == set(index) == {b"a", b"c"}
    assert ([entry.cell for entry in entries], evicted) == ([[True]] * 3, [Kind.SUCCESS])


class Stores(RuleBasedStateMachine):
    """What a memory does with its stores, in any order, while time goes on; `kept` are the entries by their last use."""

    def __init__(self):
        super().__init__()
        self.now, self.index, self.evicted = 0.0, {}, []
        self.kept, self.made, self.told = {kind: [] for kind in Kind}, [], []
        self.ended = []
        self.stores = {kind: Store(CAPACITY, lambda: self.now, self.index, self.evicted.append) for kind in Kind}

    @rule(key=KEYS, kind=KINDS, seconds=st.integers(1, 4), said=st.sampled_from([USUAL_REPLY, LARGE_REPLY]))
    def put(self, key, kind, seconds, said):
        self.remove(key)
        entry, kept = Entry(key, kind, (said, said), self.now, seconds), self.kept[kind]
        while sum(one.weight for one in kept) + entry.weight > CAPACITY:
            gone = kept.pop(0)
            self.told += [kind] * (self.now < gone.leaves)
        kept.append(entry)
        self.made.append(entry)
        self.stores[kind].put(entry)

    @rule(key=KEYS)
    def remove(self, key):
        entry = self.index.get(key)
        if entry is not None:
            self.stores[entry.kind].remove(entry)
            self.kept[entry.kind].remove(entry)
            self.ended.append(entry)

    @rule(key=KEYS)
    def use(self, key):
        """Use what was last put under a key: the server may do so when it has gone."""
        for entry in [one for one in self.made if one.key == key][-1:]:
            self.stores[entry.kind].use(entry)
            self.kept[entry.kind].sort(key=lambda one: one is entry)  # the others stay in order

    @rule(seconds=st.integers(1, 3))
    def wait(self, seconds):
        self.now += seconds

    @invariant()
    def what_is_found_is_there(self):
        kept = [entry for entries in self.kept.values() for entry in entries]
        assert self.index == {entry.key: entry for entry in kept}
        for kind, store in self.stores.items():
            assert set(store) == {entry.key for entry in self.kept[kind]}

    @invariant()
    def what_was_removed_has_ended_and_nothing_else(self):
        assert {id(entry) for entry in self.made if not entry.cell[0]} == {id(entry) for entry in self.ended}

    @invariant()
    def what_has_left_makes_room_without_an_eviction(self):
        assert self.evicted == self.told

    @invariant()
    def no_store_is_too_full(self):
        for kind, store in self.stores.items():
            assert store.currsize == sum(entry.weight for entry in self.kept[kind]) <= CAPACITY


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
