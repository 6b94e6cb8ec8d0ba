"""Which load balancers are probed."""

import pytest

from fedresolver.model.event import Left
from fedresolver.model.member import Phase
from fedresolver.model.rules import Rules, Select
from fedresolver.plugins.federation.doors import Doors
from tests.support.world import events, key, resolved, world

CART = key("store/cart")


class Recorder:
    """Stands for a prober: what it was told last of each shard, and each member's phase."""

    def __init__(self):
        self.shards = {}
        self.phases = {}

    def learn(self, member, service, addresses, tcp_ports):
        self.shards[member, service] = (addresses, tcp_ports)

    def forget(self, member, service):
        self.shards.pop((member, service), None)

    def leave(self, member):
        self.phases.pop(member, None)
        self.shards = {where: what for where, what in self.shards.items() if where[0] != member}

    def phase(self, member, phase):
        self.phases[member] = phase


def told(*batches, rules=None):
    """Return what a prober was told of batches of events by members, of which `here` is local."""
    recorder = Recorder()
    store = world("", rules or Rules(local="here"), lambda change: doors.turn() if change.world else None)
    doors = Doors(recorder, store, "here")
    for batch in batches:
        given = events(batch)
        store.feed(given)
        doors.take(given)
    return recorder


BALANCER = ((b"\xc0\x00\x02\x01",), (80,))


@pytest.mark.parametrize(
    ("batches", "rules", "shards"),
    [
        pytest.param(
            ("c1 store/cart up 10.0.0.1 lb 192.0.2.1 port http/tcp/80",),
            None,
            {("c1", CART): BALANCER},
            id="a load balancer",
        ),
        pytest.param(
            ("c1 store/cart up 10.0.0.1 lb 127.0.0.1 port http/tcp/80",),
            None,
            {("c1", CART): ((), (80,))},
            id="an address that no load balancer has is none",
        ),
        pytest.param(
            ("here store/cart up 10.0.0.1 lb 192.0.2.1 port http/tcp/80",), None, {}, id="never the local member's"
        ),
        pytest.param(
            ("c1 store/cart up 10.0.0.1 lb 192.0.2.1 port http/tcp/80", "c1 store/cart gone"), None, {}, id="it is gone"
        ),
        pytest.param(
            ("c1 store/cart up 10.0.0.1 lb 192.0.2.1 port http/tcp/80",),
            Rules(local="here", speaks_for={"c1": ("web",)}),
            {},
            id="a Service that the member may not have",
        ),
        pytest.param(
            ("c1 store/cart up 10.0.0.1 lb 192.0.2.1 port http/tcp/80",),
            Rules(local="here", select=Select.EXPORTED),
            {},
            id="a Service that is not exported",
        ),
        pytest.param(
            ("c1 store/cart up 10.0.0.1 lb 192.0.2.1 port http/tcp/80", "c1 export store/cart"),
            Rules(local="here", select=Select.EXPORTED),
            {("c1", CART): BALANCER},
            id="one that is exported later",
        ),
        pytest.param(
            (
                "c1 export store/cart",
                "c1 store/cart up 10.0.0.1 lb 192.0.2.1 port http/tcp/80",
                "c1 export store/cart gone",
            ),
            Rules(local="here", select=Select.EXPORTED),
            {},
            id="one that is exported no more",
        ),
    ],
)
def test_what_is_probed(batches, rules, shards):
    recorder = told("here in north/oslo\nc1 in south/rome", *batches, rules=rules)
    assert recorder.shards == shards


def test_phases_are_told_as_they_stand():
    assert told("here in north/oslo\nc1 in south/rome").phases == {"c1": Phase.SYNCED}
    assert told("c1 in south/rome", "c1 stale 5").phases == {"c1": Phase.STALE}


def test_a_member_that_leaves_is_probed_no_more():
    recorder = told("c1 in south/rome\nc1 store/cart up 10.0.0.1 lb 192.0.2.1 port http/tcp/80", "c1 leaves")
    assert (recorder.shards, recorder.phases) == ({}, {})


def test_without_a_prober_nothing_is_told():
    store = world("c1 in south/rome")
    Doors(None, store, "").take([Left("c1")])
    assert store.members["c1"].phase is Phase.SYNCED


def test_where_host_names_lead_to_is_probed_of_members_with_an_api_server():
    recorder = Recorder()
    store = world("here in north/oslo")
    doors = Doors(recorder, store, "here")
    given = events("c1 in south/rome\nc1 store/cart up 10.0.0.1 lb a.x port http/tcp/80")
    store.feed(given)
    doors.take(given)
    store.feed(events("files in south/rome\nfiles store/cart up 10.0.0.1 lb a.x port http/tcp/80"))
    assert recorder.shards == {("c1", CART): ((), (80,))}
    doors.look(store.resolve(resolved("= a.x 60 192.0.2.1")))
    assert recorder.shards == {("c1", CART): BALANCER}
