"""Entries of several kinds under one index: found in one look-up, and never one that is not there."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fedresolver.upstream.memory.entry import Entry
from fedresolver.upstream.memory.lifetime import Kind
from fedresolver.upstream.memory.store import Store
from tests.support.foreign import reply

KEYS = st.sampled_from([b"a", b"b", b"c", b"d"])
KINDS = st.sampled_from(Kind)
REPLY = reply("www.example.org 5 A 192.0.2.1")


class Stores(RuleBasedStateMachine):
    """What a memory does with its stores, in any order, while time goes on."""

    def __init__(self):
        super().__init__()
        self.now, self.index, self.made, self.evicted = 0.0, {}, {}, []
        self.stores = {kind: Store(2, lambda: self.now, self.index, self.evicted.append) for kind in Kind}

    @rule(key=KEYS, kind=KINDS, seconds=st.integers(1, 4))
    def put(self, key, kind, seconds):
        self.remove(key)
        entry = Entry(key, kind, (REPLY, REPLY), self.now, seconds)
        self.stores[kind].put(entry)
        self.made[key] = entry

    @rule(key=KEYS)
    def remove(self, key):
        entry = self.index.get(key)
        if entry is not None and self.now < entry.leaves:
            self.stores[entry.kind].remove(entry)
            assert entry.cell == [False]

    @rule(key=KEYS)
    def use(self, key):
        if key in self.made:
            self.stores[self.made[key].kind].use(self.made[key])

    @rule(seconds=st.integers(1, 3))
    def wait(self, seconds):
        self.now += seconds

    @rule(kind=KINDS)
    def expire(self, kind):
        self.stores[kind].expire()

    @invariant()
    def what_is_found_is_there(self):
        found = {key for key, entry in self.index.items() if self.now < entry.leaves}
        assert found == {key for store in self.stores.values() for key in store}
        assert all(entry.cell[0] and self.made[key] is entry for key, entry in self.index.items() if key in found)

    @invariant()
    def no_store_is_too_full(self):
        assert all(store.currsize <= 2 for store in self.stores.values())
        assert len(self.index) <= 2 * len(Kind)


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
